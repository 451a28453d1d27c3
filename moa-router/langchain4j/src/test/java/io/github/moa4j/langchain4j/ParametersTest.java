package io.github.moa4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.access.Caller;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What of a request reaches the mixture, and what of the mixture reaches the application. */
final class ParametersTest {

  private final MoaChatModel model = MoaChatModel.of(AnsweringMixture.get());

  @Test
  void handsEveryParameterOn() {
    Question question =
        question(
            MoaChatRequestParameters.builder()
                .modelName(AnsweringMixture.COUNTING)
                .temperature(0.7)
                .topP(0.9)
                .topK(40)
                .maxOutputTokens(12)
                .stopSequences("a", "b")
                .seed(5L)
                .minP(0.1)
                .repetitionPenalty(1.2)
                .timeLimit(Duration.ofSeconds(3))
                .constraint(Constraint.regex("a|b"))
                .build());

    assertThat(question.domain()).contains(AnsweringMixture.COUNTING);
    assertThat(question.options())
        .isEqualTo(
            GenerationOptions.builder()
                .temperature(0.7)
                .topP(0.9)
                .topK(40)
                .maxNewTokens(12)
                .stopString("a")
                .stopString("b")
                .seed(5)
                .minP(0.1)
                .repetitionPenalty(1.2)
                .timeLimit(Duration.ofSeconds(3))
                .constraint(Constraint.regex("a|b"))
                .build());
  }

  @Test
  void holdsAnswersToChoices() {
    MoaChatRequestParameters parameters =
        MoaChatRequestParameters.builder()
            .constraint(Constraint.choices(List.of("red", "blue")))
            .build();

    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("Which?")).parameters(parameters).build();
    assertThat(model.chat(request).aiMessage().text()).isIn("red", "blue");
    assertThatThrownBy(
            () ->
                question(
                    parameters.overrideWith(
                        ChatRequestParameters.builder()
                            .responseFormat(ResponseFormat.JSON)
                            .build())))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("exclude each other");
  }

  @Test
  void letsTheRouterDecideWhereNoneOrAutoIsNamed() {
    assertThat(question(ChatRequestParameters.builder().build()).domain()).isEmpty();
    assertThat(question(ChatRequestParameters.builder().modelName("auto").build()).domain())
        .isEmpty();
    assertThat(question(ChatRequestParameters.builder().build()).options())
        .isEqualTo(GenerationOptions.builder().build());
  }

  @Test
  void keepsTheMixturesOwnParametersWhenRequestsBringLangChain4js() {
    MoaChatRequestParameters defaults =
        MoaChatRequestParameters.builder().seed(5L).temperature(1.0).build();

    ChatRequestParameters both =
        defaults.overrideWith(ChatRequestParameters.builder().temperature(0.5).build());

    assertThat(both)
        .isEqualTo(MoaChatRequestParameters.builder().seed(5L).temperature(0.5).build())
        .hasToString(both.toString())
        .hasSameHashCodeAs(MoaChatRequestParameters.builder().seed(5L).temperature(0.5).build());
    assertThat(defaults.defaultedBy(ChatRequestParameters.builder().topK(3).build()).topK())
        .isEqualTo(3);
  }

  @Test
  void refusesWhatAMixtureCannotDoByName() {
    assertThatThrownBy(
            () -> question(ChatRequestParameters.builder().frequencyPenalty(0.5).build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("frequencyPenalty");
    assertThatThrownBy(
            () ->
                MoaStreamingChatModel.of(
                    AnsweringMixture.get(),
                    ChatRequestParameters.builder().presencePenalty(0.5).build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("presencePenalty");
  }

  @Test
  void tellsWhatIsWrongInLangChain4jsTerms() {
    assertThatThrownBy(() -> question(ChatRequestParameters.builder().topP(1.5).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("topP");
    assertThatThrownBy(
            () -> model.chat(request(ChatRequestParameters.builder().modelName("x").build())))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContainingAll("'x'", AnsweringMixture.COUNTING);
    assertThatThrownBy(() -> model.chat("word ".repeat(2000)))
        .isInstanceOf(InvalidRequestException.class)
        .hasCauseInstanceOf(ContextLengthException.class);
    assertThat(Failures.of(new QueueFullException(4))).isInstanceOf(RateLimitException.class);
    assertThat(
            Failures.of(
                new DeadlineExceededException(Duration.ofSeconds(1), Duration.ofSeconds(2))))
        .isInstanceOf(TimeoutException.class);
    assertThat(Failures.of(new MoaException("other")))
        .isExactlyInstanceOf(LangChain4jException.class)
        .hasMessage("other");
  }

  @Test
  void messagesThatAreNoConversationAreAnInvalidRequestHoweverTheyAreAsked() {
    ChatRequest halfArguments =
        ChatRequest.builder()
            .messages(
                UserMessage.from("How warm is it?"),
                AiMessage.from(
                    ToolExecutionRequest.builder()
                        .id("1")
                        .name("weather")
                        .arguments("{\"city\":")
                        .build()),
                ToolExecutionResultMessage.from("1", "weather", "5"))
            .build();
    assertThatThrownBy(() -> model.chat(halfArguments))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("arguments");
    assertThatThrownBy(() -> model.chatAsync(halfArguments).join())
        .hasCauseInstanceOf(InvalidRequestException.class);
  }

  @Test
  void aConversationThatTheChatTemplateRefusesIsAnInvalidRequest() throws IOException {
    try (MixtureOfLoras strict =
        MixtureOfLoras.builder(AnsweringMixture.get().directory().directory())
            .chatTemplate("{{ raise_exception('No systems here') }}")
            .open()) {
      assertThatThrownBy(() -> MoaChatModel.of(strict).chat("Count from 3"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("No systems here");
    }
  }

  @Test
  void aForcedCallWhoseSchemaCannotBeKeptIsAnUnsupportedFeature() {
    ToolSpecification picture =
        ToolSpecification.builder()
            .name("show")
            .parameters(
                JsonObjectSchema.builder()
                    .addProperty(
                        "bytes",
                        JsonRawSchema.from(
                            "{\"type\": \"string\", \"contentEncoding\": \"base64\"}"))
                    .build())
            .build();
    assertThatThrownBy(
            () ->
                model.chat(
                    request(
                        ChatRequestParameters.builder()
                            .toolSpecifications(picture)
                            .toolChoice(ToolChoice.REQUIRED)
                            .build())))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("contentEncoding")
        .hasCauseInstanceOf(ConstraintException.class);
  }

  @Test
  void aToolMayAnswerInSeveralTextsAndNothingElse() {
    ToolExecutionResultMessage.Builder result =
        ToolExecutionResultMessage.builder().id("1").toolName("weather");
    ToolExecutionResultMessage texts =
        result.contents(List.of(TextContent.from("5 degrees"), TextContent.from("rain"))).build();
    io.github.moa4j.core.text.ChatMessage message = Messages.of(List.of(texts)).get(0);
    assertThat(message.role()).isEqualTo("tool");
    assertThat(message.content()).isEqualTo("5 degrees\nrain");
    assertThat(message.fields())
        .containsEntry("tool_call_id", "1")
        .containsEntry("name", "weather");

    ToolExecutionResultMessage picture =
        result.contents(List.of(ImageContent.from("https://example.com/rain.png"))).build();
    assertThatThrownBy(() -> model.chat(UserMessage.from("How is it?"), picture))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("image");
  }

  @Test
  void tellsWhoAnsweredAndWhatItTook() {
    ChatResponse response =
        model.chat(
            ChatRequest.builder()
                .messages(UserMessage.from("Count from 3"))
                .maxOutputTokens(2)
                .build());

    MoaChatResponseMetadata metadata = (MoaChatResponseMetadata) response.metadata();
    assertThat(metadata.modelName()).isEqualTo(AnsweringMixture.COUNTING);
    assertThat(metadata.decision().chosen()).contains(AnsweringMixture.COUNTING);
    assertThat(metadata.adapters()).containsOnlyKeys(AnsweringMixture.COUNTING);
    assertThat(metadata.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(metadata.tokenUsage().inputTokenCount())
        .isEqualTo(metadata.answer().generation().promptTokens());
    assertThat(metadata.toBuilder().id("other").build())
        .isInstanceOf(MoaChatResponseMetadata.class)
        .isNotEqualTo(metadata);
  }

  @Test
  void writesMessagesAsTheTemplateReadsThem() {
    assertThat(
            Messages.of(
                List.of(
                    SystemMessage.from("be kind"),
                    UserMessage.from(TextContent.from("one"), TextContent.from("two")),
                    AiMessage.builder().text("three").thinking("hm").build())))
        .satisfies(
            messages -> {
              assertThat(messages.get(0).role()).isEqualTo("system");
              assertThat(messages.get(1).content()).isEqualTo("one\ntwo");
              assertThat(messages.get(2).reasoning()).contains("hm");
            });
  }

  @Test
  void classifiesWithoutAnAnswer() {
    MoaTextClassifier classifier = MoaTextClassifier.of(AnsweringMixture.get());

    assertThat(classifier.classify(TextSegment.from("Count from 5")))
        .containsExactly(AnsweringMixture.COUNTING);
    assertThat(classifier.classifyWithScores("What is the capital of Germany?"))
        .extracting(MoaTextClassifier.ScoredLabel::label)
        .containsExactly(AnsweringMixture.QUESTIONS, AnsweringMixture.COUNTING);
  }

  @Test
  void aDomainThatTheCallerDoesNotSeeIsNone() {
    Caller caller = Caller.named("anna").seeing(Set.of(AnsweringMixture.COUNTING));
    MoaChatRequestParameters.Builder parameters =
        MoaChatRequestParameters.builder().caller(caller).maxOutputTokens(4);
    assertThatThrownBy(
            () -> model.chat(request(parameters.modelName(AnsweringMixture.QUESTIONS).build())))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessage(
            "There is no domain '%s'. Known domains: %s."
                .formatted(AnsweringMixture.QUESTIONS, AnsweringMixture.COUNTING));
    assertThat(question(parameters.modelName(MoaChatRequestParameters.AUTO).build()).caller())
        .contains(caller);
    ChatResponse answer =
        model.chat(request(parameters.modelName(AnsweringMixture.COUNTING).build()));
    assertThat(answer.metadata().toString()).doesNotContain(AnsweringMixture.QUESTIONS);
  }

  private static Question question(ChatRequestParameters parameters) {
    return Questions.of(request(parameters));
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder().messages(UserMessage.from("hi")).parameters(parameters).build();
  }
}
