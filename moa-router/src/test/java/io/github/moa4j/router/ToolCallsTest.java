package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.ToolCall;
import io.github.moa4j.core.tool.ToolChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that a random model makes because it must. */
final class ToolCallsTest {

  private static final String TOOLS =
      """
      [{"type": "function", "function": {"name": "paint", "description": "Paints a wall",
        "parameters": {"type": "object", "required": ["colour", "walls"], "properties": {
          "colour": {"enum": ["red", "green"]}, "walls": {"type": "integer", "minimum": 1,
            "maximum": 99}}}}},
       {"type": "function", "function": {"name": "stop"}}]""";

  private static final String TEMPLATE =
      """
      {%- if tools %}{{ tools | tojson }}{% endif -%}
      {%- for message in messages %}
      {{ message.role }}: {{ message.content }}
      {%- for call in message.tool_calls or [] %}
      <tool_call>
      {{ call.function | tojson }}
      </tool_call>
      {%- endfor %}
      {%- endfor %}
      {%- if add_generation_prompt %}
      assistant: {% endif %}""";

  private static MixtureOfLoras mixture;

  @BeforeAll
  static void open(@TempDir Path folder) {
    mixture =
        MixtureOfLoras.builder(TestMixture.in(folder, 2000).directory.directory())
            .chatTemplate(TEMPLATE)
            .open();
  }

  @AfterAll
  static void close() {
    mixture.close();
  }

  private static Question asked(ToolChoice choice) {
    return Question.of(
            Conversation.of(ChatMessage.user(TestMixture.prompt("colours", 1))).withTools(TOOLS))
        .with(GenerationOptions.greedy(200))
        .calling(choice);
  }

  @Test
  void aForcedCallFollowsItsSchema() {
    Answer answer = mixture.generate(asked(ToolChoice.named("paint")));
    assertThat(answer.text()).isEmpty();
    assertThat(answer.toolCalls()).hasSize(1);
    ToolCall call = answer.toolCalls().get(0);
    assertThat(call.name()).isEqualTo("paint");
    assertThat(call.arguments().get("colour")).isIn("red", "green");
    assertThat((Long) call.arguments().get("walls")).isBetween(1L, 99L);
    assertThat(answer.generation().text()).contains("paint");
  }

  @Test
  void oneOfTheToolsIsCalledWhereOneMustBe() {
    Answer answer = mixture.generate(asked(ToolChoice.required()));
    assertThat(answer.toolCalls())
        .isNotEmpty()
        .allMatch(call -> List.of("paint", "stop").contains(call.name()));
  }

  @Test
  void theConversationGoesOnWithTheResult() {
    Question asked = asked(ToolChoice.named("stop"));
    Answer call = mixture.generate(asked);
    Conversation more =
        asked
            .conversation()
            .and(call.message())
            .and(ChatMessage.tool("{\"done\": true}", call.toolCalls().get(0).id(), "stop"));
    assertThat(mixture.generate(Question.of(more).with(GenerationOptions.greedy(3))).generation())
        .isNotNull();
  }

  @Test
  void nothingOfACallIsStreamedAsText() throws Exception {
    try (AnswerStream stream = mixture.stream(asked(ToolChoice.named("paint")))) {
      assertThat(stream.hasNext()).isFalse();
      assertThat(stream.result().toolCalls()).hasSize(1);
    }
    CompletableFuture<String> text = new CompletableFuture<>();
    StringBuilder said = new StringBuilder();
    mixture
        .publish(asked(ToolChoice.named("paint")))
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(String piece) {
                said.append(piece);
              }

              @Override
              public void onError(Throwable failure) {
                text.completeExceptionally(failure);
              }

              @Override
              public void onComplete() {
                text.complete(said.toString());
              }
            });
    assertThat(text.get()).isEmpty();
  }

  @Test
  void whatIsNotAskedForIsText() {
    Question forced = asked(ToolChoice.named("stop"));
    String written = mixture.generate(forced).generation().text();
    Question unasked =
        forced
            .calling(ToolChoice.none())
            .with(
                GenerationOptions.greedy(200).withConstraint(Constraint.choices(List.of(written))));
    Answer answer = mixture.generate(unasked);
    assertThat(answer.text()).isEqualTo(written);
    assertThat(answer.toolCalls()).isEmpty();
    assertThat(mixture.generate(unasked.calling(ToolChoice.auto())).toolCalls()).isNotEmpty();
  }

  @Test
  void saysWhatCannotBe() {
    assertThatThrownBy(() -> mixture.generate(asked(ToolChoice.named("fly"))))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("fly");
    Question both =
        asked(ToolChoice.required())
            .with(GenerationOptions.greedy(9).withConstraint(Constraint.regex("a")));
    assertThatThrownBy(() -> mixture.generate(both))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("constrain");
    assertThatThrownBy(() -> mixture.generate(Question.of("Hello").calling(ToolChoice.required())))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("has none");
  }
}
