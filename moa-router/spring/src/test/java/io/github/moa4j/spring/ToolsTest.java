package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.tool.ToolChoice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tools and answers of a given form, as applications of Spring AI ask for them. */
@SpringBootTest(
    classes = SampleApplication.class,
    webEnvironment = WebEnvironment.NONE,
    properties = {"moa.abstention-threshold=0", "moa.chat.max-tokens=64"})
final class ToolsTest {

  @Autowired ChatModel model;
  @Autowired ChatClient.Builder client;

  private final Sky sky = new Sky();

  @DynamicPropertySource
  static void mixture(DynamicPropertyRegistry properties) {
    properties.add("moa.mixture", TrainedMixture.folder()::toString);
  }

  /** An application's tool. */
  static final class Sky {

    private final List<String> cities = Collections.synchronizedList(new ArrayList<>());

    @Tool(description = "Tells the sky over a city")
    Report skyOver(String city) {
      cities.add(city);
      return new Report(city.equals("Oslo") ? "sunny" : "rainy");
    }
  }

  record Report(String sky) {}

  record City(String city) {}

  enum Size {
    SMALL,
    LARGE
  }

  record Town(Size size, boolean harbour) {}

  @BeforeEach
  void nothingIsCalledYet() {
    assertThat(sky.cities).isEmpty();
  }

  @Test
  void executesACallAndAnswersItsResult() {
    ChatResponse response =
        client.build().prompt(TrainedMixture.WEATHER_QUESTION).tools(sky).call().chatResponse();

    assertThat(sky.cities).containsExactly("Oslo");
    assertThat(response.getResult().getOutput().getText()).isEqualTo(TrainedMixture.WEATHER_ANSWER);
    assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
    int alone =
        model
            .call(new Prompt(TrainedMixture.WEATHER_QUESTION))
            .getMetadata()
            .getUsage()
            .getPromptTokens();
    assertThat(response.getMetadata().getUsage().getPromptTokens())
        .as("of both answers")
        .isGreaterThan(2 * alone);
  }

  @Test
  void streamsTheAnswerBehindTheCall() {
    List<ChatResponse> parts =
        client.build().prompt("What is the weather in Rome?").tools(sky).stream()
            .chatResponse()
            .collectList()
            .block();

    assertThat(sky.cities).containsExactly("Rome");
    assertThat(parts)
        .extracting(part -> part.getResult().getOutput().getText())
        .satisfies(texts -> assertThat(String.join("", texts)).isEqualTo("It is rainy in Rome."));
    assertThat(parts.get(parts.size() - 1).getResult().getMetadata().getFinishReason())
        .isEqualTo("STOP");
  }

  @Test
  void handsCallsToTheApplicationThatExecutesThemItself() {
    MoaChatOptions options =
        MoaChatOptions.builder()
            .toolCallbacks(List.of(callback(false)))
            .internalToolExecutionEnabled(false)
            .build();
    Prompt prompt = new Prompt(TrainedMixture.WEATHER_QUESTION, options);

    ChatResponse whole = model.call(prompt);
    List<ChatResponse> parts = model.stream(prompt).collectList().block();

    for (ChatResponse response : List.of(whole, parts.get(parts.size() - 1))) {
      assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("TOOL_CALLS");
      AssistantMessage.ToolCall call = response.getResult().getOutput().getToolCalls().get(0);
      assertThat(call.name()).isEqualTo("skyOver");
      assertThat(call.arguments()).isEqualTo("{\"city\":\"Oslo\"}");
      assertThat(call.id()).isNotEmpty();
    }
    assertThat(parts.stream().map(part -> part.getResult().getOutput().getText()))
        .as("no piece of the call is text")
        .containsOnly("");
  }

  @Test
  void returnsAResultThatTheModelIsNotToRead() {
    Prompt prompt =
        new Prompt(
            TrainedMixture.WEATHER_QUESTION,
            ToolCallingChatOptions.builder().toolCallbacks(callback(true)).build());

    assertThat(model.call(prompt).getResult().getOutput().getText())
        .isEqualTo("{\"sky\":\"sunny\"}");
    assertThat(
            model.stream(prompt)
                .toStream()
                .map(part -> part.getResult().getOutput().getText())
                .collect(Collectors.joining()))
        .isEqualTo("{\"sky\":\"sunny\"}");
  }

  @Test
  void forcesACallOnceAndThenAnswers() {
    MoaChatOptions options =
        MoaChatOptions.builder()
            .toolCallbacks(List.of(callback(false)))
            .toolChoice(ToolChoice.required())
            .build();

    assertThat(model.call(new Prompt("Count from 3", options)).getResult().getOutput().getText())
        .doesNotContain("tool_call");
    assertThat(sky.cities).hasSize(1);
  }

  @Test
  void holdsAnswersToTheSchemaOfAnEntity() {
    Town town =
        client
            .build()
            .prompt(TrainedMixture.QUESTION)
            .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
            .call()
            .entity(Town.class);

    assertThat(town.size()).isIn(Size.SMALL, Size.LARGE);
  }

  @Test
  void holdsAnswersToChoices() {
    MoaChatOptions options =
        MoaChatOptions.builder().constraint(Constraint.choices(List.of("red", "blue"))).build();

    assertThat(model.call(new Prompt("Which?", options)).getResult().getOutput().getText())
        .isIn("red", "blue");
    options.setOutputSchema("{}");
    assertThatThrownBy(() -> model.call(new Prompt("Which?", options)))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("at once");
  }

  @Test
  void saysWhichSchemaItCannotKeepOrRead() {
    assertThatThrownBy(() -> model.call(new Prompt("a", schema("{\"uniqueItems\":true}"))))
        .isInstanceOf(ConstraintException.class)
        .hasMessageContaining("uniqueItems");
    assertThatThrownBy(() -> model.call(new Prompt("a", schema("{"))))
        .isInstanceOf(MoaException.class);
  }

  private static ChatOptions schema(String json) {
    return MoaChatOptions.builder().outputSchema(json).build();
  }

  private FunctionToolCallback<City, Report> callback(boolean direct) {
    return FunctionToolCallback.builder("skyOver", (City city) -> sky.skyOver(city.city()))
        .inputType(City.class)
        .toolMetadata(
            org.springframework.ai.tool.metadata.ToolMetadata.builder()
                .returnDirect(direct)
                .build())
        .build();
  }
}
