package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PrefilledPrompt;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Generates answers with one base model. Thread-safe: every call has its own cache. */
public final class TextGenerator {

  private final BaseModel model;
  private final TextTokenizer tokenizer;
  private final Set<Integer> endTokens;

  /** Creates a generator whose answers end where the model's files say; it owns none of these. */
  public TextGenerator(BaseModel model, TextTokenizer tokenizer) {
    this(model, tokenizer, tokenizer.endTokens());
  }

  /** Creates a generator for prompts of an encoder; it owns neither of these. */
  public TextGenerator(BaseModel model, PromptEncoder prompts) {
    this(model, prompts.tokenizer(), prompts.endTokens());
  }

  private TextGenerator(BaseModel model, TextTokenizer tokenizer, Set<Integer> endTokens) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.endTokens = endTokens;
  }

  /**
   * Generates one answer and hands over its text as it comes.
   *
   * @param onText called in this thread with every new piece of text
   * @throws ContextLengthException if the prompt leaves no room for an answer
   */
  public GenerationResult generate(GenerationRequest request, Consumer<String> onText) {
    try (TextStream stream = stream(request)) {
      stream.forEachRemaining(onText);
      return stream.result();
    }
  }

  /**
   * Generates answers to several requests in one batch, each row through its own adapters.
   *
   * @return the results, in the order of the requests
   * @throws ContextLengthException if a prompt leaves no room for an answer
   */
  public List<GenerationResult> generate(List<GenerationRequest> requests) {
    return generate(requests, () -> false);
  }

  /**
   * Generates answers to several requests in one batch that can be cancelled.
   *
   * @param cancelled asked before every token and every piece of long prompts; once it says yes,
   *     all answers end where they are
   * @return the results, in the order of the requests
   * @throws ContextLengthException if a prompt leaves no room for an answer
   */
  public List<GenerationResult> generate(
      List<GenerationRequest> requests, BooleanSupplier cancelled) {
    List<AnswerRow> rows = rows(requests);
    try (DecodingBatch batch = new DecodingBatch(decoder(), rows)) {
      while (!batch.finished() && !cancelled.getAsBoolean()) {
        batch.step((text, row) -> {}, cancelled);
      }
    }
    rows.stream().filter(row -> !row.finished()).forEach(row -> row.finish(StopReason.CANCELLED));
    return rows.stream().map(AnswerRow::result).toList();
  }

  /**
   * Starts an answer that the caller pulls piece by piece.
   *
   * @throws ContextLengthException if the prompt leaves no room for an answer
   */
  public TextStream stream(GenerationRequest request) {
    List<AnswerRow> rows = rows(List.of(request));
    return new TextStream(new DecodingBatch(decoder(), rows), rows);
  }

  /**
   * Starts an answer to a prompt that has run through the base already; only what the adapters act
   * on is run again.
   *
   * @param prefilled of the request's prompt; taken over, and closed in any case
   * @throws ContextLengthException if the prompt leaves no room for an answer
   * @throws IllegalArgumentException if it is another prompt
   */
  public TextStream stream(GenerationRequest request, PrefilledPrompt prefilled) {
    try {
      if (!prefilled.isOf(request.prompt())) {
        throw new IllegalArgumentException("The prefilled prompt is not that of the request");
      }
      List<AnswerRow> rows = rows(List.of(request));
      return new TextStream(new DecodingBatch(decoder(), rows, Optional.of(prefilled)), rows);
    } catch (RuntimeException e) {
      prefilled.close();
      throw e;
    }
  }

  private Decoder decoder() {
    return model.unwrap(Decoder.class);
  }

  private List<AnswerRow> rows(List<GenerationRequest> requests) {
    int context = model.contextLength();
    List<AnswerRow> rows = new ArrayList<>();
    for (GenerationRequest request : requests) {
      if (request.prompt().length >= context) {
        throw new ContextLengthException(request.prompt().length + 1, context);
      }
      rows.add(new AnswerRow(request, tokenizer, endTokens, model.vocabSize(), context));
    }
    return rows;
  }
}
