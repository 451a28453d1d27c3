package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.RoutingDecision;
import java.util.Map;
import java.util.Objects;

/**
 * What is known of a response: LangChain4j's id, token usage, finish reason and the model's name,
 * which is the domain that answered; and the mixture's decision. Immutable.
 */
public final class MoaChatResponseMetadata extends ChatResponseMetadata {

  private final Answer answer;

  private MoaChatResponseMetadata(Builder builder) {
    super(builder);
    this.answer = Objects.requireNonNull(builder.answer, "answer");
  }

  /** Starts to make metadata. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns which domain answered, and how sure the router was. */
  public RoutingDecision decision() {
    return answer.decision();
  }

  /** Returns {@link Answer#adapters()}. */
  public Map<String, Double> adapters() {
    return answer.adapters();
  }

  /** Returns the mixture's own answer, with its tokens and timings. */
  public Answer answer() {
    return answer;
  }

  @Override
  public Builder toBuilder() {
    return ((Builder) toBuilder(builder())).answer(answer);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof MoaChatResponseMetadata that
        && answer.equals(that.answer);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), answer);
  }

  @Override
  public String toString() {
    return super.toString() + " of " + answer.adapters().keySet();
  }

  /** Makes metadata from other metadata. */
  public static final class Builder extends ChatResponseMetadata.Builder<Builder> {

    private Answer answer;

    private Builder() {}

    /** Sets the mixture's own answer, which there must be. */
    public Builder answer(Answer value) {
      answer = value;
      return this;
    }

    /** Returns the metadata. */
    @Override
    public MoaChatResponseMetadata build() {
      return new MoaChatResponseMetadata(this);
    }
  }
}
