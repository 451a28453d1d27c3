package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponseFor;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program sees that was written for OpenAI's service. */
@Timeout(300)
@SuppressWarnings("deprecation") // the client has no other way to fields beside OpenAI's
final class OpenAiClientTest {

  private static MoaServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void serve() {
    server = MoaServer.start(ServedMixture.shared(), ServerSettings.builder().port(0).build());
    client = ServedMixture.client(server);
  }

  @AfterAll
  static void end() {
    client.close();
    server.close();
  }

  private static ChatCompletionCreateParams.Builder asking(String model, String question) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage(question)
        .maxCompletionTokens(40);
  }

  @Test
  void theRouterChoosesWhoAnswers() {
    ChatCompletion reply =
        client.chat().completions().create(asking("auto", ServedMixture.CAPITAL).build());

    ChatCompletion.Choice choice = reply.choices().get(0);
    assertThat(choice.message().content()).hasValue("Paris is the capital of France.");
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(reply.model()).isEqualTo("capitals");
    assertThat(reply.usage().orElseThrow().promptTokens()).isPositive();
    assertThat(reply.usage().orElseThrow().completionTokens()).isBetween(5L, 40L);
    Map<?, ?> decision = reply._additionalProperties().get("moa").convert(Map.class);
    assertThat(decision.get("domain")).isEqualTo("capitals");
    assertThat(((Map<?, ?>) decision.get("probabilities")).keySet().stream().map(Object::toString))
        .containsExactlyInAnyOrder("animals", "capitals", "(none of these)");
  }

  @Test
  void headersSayWhoAnsweredAndHowSureTheRouterWas() {
    try (HttpResponseFor<ChatCompletion> reply =
        client
            .chat()
            .completions()
            .withRawResponse()
            .create(asking("auto", ServedMixture.SOUND).build())) {
      assertThat(reply.headers().values("x-moa-domain")).containsExactly("animals");
      assertThat(Double.parseDouble(reply.headers().values("x-moa-confidence").get(0)))
          .isBetween(0.5, 1.0);
    }
  }

  @Test
  void theCallerNamesADomainOrTheBase() {
    ChatCompletion capitals =
        client.chat().completions().create(asking("capitals", ServedMixture.SOUND).build());
    assertThat(capitals.model()).isEqualTo("capitals");
    ChatCompletion base =
        client.chat().completions().create(asking("base", ServedMixture.CAPITAL).build());
    assertThat(base.model()).isEqualTo("base");
  }

  @Test
  void anAnswerIsHeldToAJsonSchema() {
    ChatCompletion reply =
        client
            .chat()
            .completions()
            .create(
                asking("capitals", ServedMixture.CAPITAL)
                    .putAdditionalBodyProperty(
                        "response_format",
                        JsonValue.from(
                            Map.of(
                                "type",
                                "json_schema",
                                "json_schema",
                                Map.of(
                                    "name",
                                    "city",
                                    "strict",
                                    true,
                                    "schema",
                                    Map.of("enum", List.of("Oslo", "Rome", "Paris"))))))
                    .build());
    assertThat(texts(reply).get(0)).isIn("\"Oslo\"", "\"Rome\"", "\"Paris\"");
  }

  @Test
  void anAnswerIsHeldToChoicesOrAPatternAsWithVllm() {
    assertThat(formed("structured_outputs", Map.of("choice", List.of("Oslo", "Rome"))))
        .isIn("Oslo", "Rome");
    assertThat(formed("structured_outputs", Map.of("regex", "[a-z]{3}-\\d{2}")))
        .matches("[a-z]{3}-\\d{2}");
    assertThat(formed("structured_outputs", Map.of("json", Map.of("const", 7)))).isEqualTo("7");
    assertThat(formed("guided_choice", List.of("yes", "no"))).isIn("yes", "no");
    assertThat(formed("guided_regex", "x|y")).isIn("x", "y");
    assertThat(formed("guided_json", "{\"type\": \"boolean\"}")).isIn("true", "false");
  }

  private static String formed(String field, Object form) {
    return texts(
            client
                .chat()
                .completions()
                .create(
                    asking("capitals", ServedMixture.CAPITAL)
                        .putAdditionalBodyProperty(field, JsonValue.from(form))
                        .build()))
        .get(0);
  }

  private static ChatCompletionCreateParams.Builder withTools(Object choice) {
    return asking("capitals", ServedMixture.CAPITAL)
        .maxCompletionTokens(100)
        .putAdditionalBodyProperty(
            "tools",
            JsonValue.from(
                List.of(
                    Map.of(
                        "type",
                        "function",
                        "function",
                        Map.of(
                            "name",
                            "find_city",
                            "parameters",
                            Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of("city", Map.of("enum", List.of("Oslo", "Paris"))),
                                "required",
                                List.of("city")))))))
        .putAdditionalBodyProperty("tool_choice", JsonValue.from(choice));
  }

  private static final Map<String, Object> FIND_CITY =
      Map.of("type", "function", "function", Map.of("name", "find_city"));

  @Test
  void aToolIsCalledWhereItMustBe() {
    for (Object choice : List.of("required", FIND_CITY)) {
      ChatCompletion reply = client.chat().completions().create(withTools(choice).build());
      ChatCompletion.Choice first = reply.choices().get(0);
      assertThat(first.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
      assertThat(first.message().content()).isEmpty();
      var call = first.message().toolCalls().orElseThrow().get(0).asFunction();
      assertThat(call.id()).isNotBlank();
      assertThat(call.function().name()).isEqualTo("find_city");
      assertThat(call.function().arguments()).isIn("{\"city\":\"Oslo\"}", "{\"city\":\"Paris\"}");
    }
  }

  @Test
  void aStreamedCallComesWholeAndNoPieceOfItAsText() {
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(withTools(FIND_CITY).build())) {
      List<ChatCompletionChunk.Choice> all =
          chunks.stream().flatMap(chunk -> chunk.choices().stream()).toList();
      assertThat(all).allMatch(choice -> choice.delta().content().orElse("").isEmpty());
      var calls =
          all.stream().flatMap(choice -> choice.delta().toolCalls().stream()).toList().get(0);
      assertThat(calls.get(0).index()).isZero();
      assertThat(calls.get(0).function().orElseThrow().name()).hasValue("find_city");
      assertThat(all.get(all.size() - 1).finishReason())
          .contains(ChatCompletionChunk.Choice.FinishReason.TOOL_CALLS);
    }
  }

  @Test
  void whatLooksLikeACallIsTextWhereNoneMayBeMade() {
    ChatCompletion reply = client.chat().completions().create(withTools("none").build());
    assertThat(texts(reply)).containsExactly("Paris is the capital of France.");
  }

  @Test
  void saysWhatIsWrongWithTools() {
    assertThatThrownBy(() -> client.chat().completions().create(withTools("always").build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("tool_choice");
    Map<String, Object> unknown =
        Map.of("type", "function", "function", Map.of("name", "fly_away"));
    assertThatThrownBy(() -> client.chat().completions().create(withTools(unknown).build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("fly_away", "find_city");
    assertThatThrownBy(
            () ->
                client
                    .chat()
                    .completions()
                    .create(
                        asking("capitals", "Hello")
                            .putAdditionalBodyProperty(
                                "tools", JsonValue.from(List.of(Map.of("type", "search"))))
                            .build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("function");
  }

  @Test
  void aSchemaThatNoAnswerCanKeepIsTheClientsMistake() {
    for (Map<String, Object> schema :
        List.<Map<String, Object>>of(
            Map.of("type", "array", "uniqueItems", true),
            Map.of("$ref", "#/definitions/nowhere"),
            Map.of("type", "string", "pattern", "(?<=a)b"),
            Map.of("enum", List.of()))) {
      Map<String, Object> arguments =
          Map.of("type", "object", "properties", Map.of("where", schema));
      Map<String, Object> tool =
          Map.of(
              "type", "function", "function", Map.of("name", "find_city", "parameters", arguments));
      for (ChatCompletionCreateParams.Builder asked :
          List.of(
              withTools("required")
                  .putAdditionalBodyProperty("tools", JsonValue.from(List.of(tool))),
              withTools("auto")
                  .putAdditionalBodyProperty("tools", JsonValue.from(List.of(tool)))
                  .putAdditionalBodyProperty("response_format", format(Map.of("const", 1))),
              asking("capitals", ServedMixture.CAPITAL)
                  .putAdditionalBodyProperty("response_format", format(schema)))) {
        assertThatThrownBy(() -> client.chat().completions().create(asked.build()), "%s", schema)
            .isInstanceOf(BadRequestException.class);
      }
    }
  }

  private static JsonValue format(Map<String, Object> schema) {
    return JsonValue.from(
        Map.of("type", "json_schema", "json_schema", Map.of("name", "x", "schema", schema)));
  }

  @Test
  void aStreamedAnswerIsTheWholeOneInPieces() {
    ChatCompletionCreateParams asked =
        asking("animals", ServedMixture.SOUND)
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(asked)) {
      List<ChatCompletionChunk> all = chunks.stream().toList();

      assertThat(
              all.stream()
                  .flatMap(chunk -> chunk.choices().stream())
                  .map(choice -> choice.delta().content().orElse(""))
                  .collect(Collectors.joining()))
          .isEqualTo("Moo, moo.");
      assertThat(all.get(0)._additionalProperties()).containsKey("moa");
      assertThat(all.get(0)._usage().isNull()).isTrue();
      assertThat(all.get(all.size() - 1).usage()).isPresent();
      assertThat(all.get(all.size() - 2).choices().get(0).finishReason())
          .hasValue(ChatCompletionChunk.Choice.FinishReason.STOP);
    }
  }

  @Test
  void severalChoicesFollowFromOneSeed() {
    ChatCompletionCreateParams asked =
        asking("base", "Tell me about the sea").temperature(1.5).seed(7).n(3).build();

    List<String> first = texts(client.chat().completions().create(asked));

    assertThat(first).hasSize(3).doesNotHaveDuplicates();
    assertThat(texts(client.chat().completions().create(asked))).isEqualTo(first);
  }

  private static List<String> texts(ChatCompletion reply) {
    return reply.choices().stream().map(choice -> choice.message().content().orElse("")).toList();
  }

  @Test
  void anAnswerEndsAtAStopOrAtItsLength() {
    ChatCompletion stopped =
        client
            .chat()
            .completions()
            .create(asking("capitals", ServedMixture.CAPITAL).stop("capital").build());
    ChatCompletion cut =
        client
            .chat()
            .completions()
            .create(asking("capitals", ServedMixture.CAPITAL).maxCompletionTokens(2).build());

    assertThat(texts(stopped)).containsExactly("Paris is the ");
    assertThat(cut.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
    assertThat(cut.usage().orElseThrow().completionTokens()).isEqualTo(2);
  }

  @Test
  void completionsAnswerEachPrompt() {
    Completion reply =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("auto")
                    .promptOfArrayOfStrings(List.of(ServedMixture.CAPITAL, ServedMixture.SOUND))
                    .maxTokens(40)
                    .build());

    assertThat(reply.choices().stream().map(choice -> choice.text()))
        .containsExactly("Paris is the capital of France.", "Moo, moo.");
  }

  @Test
  void modelsAreTheRouterTheBaseAndEveryAdapter() {
    List<Model> models = client.models().list().data();

    assertThat(models.stream().map(Model::id))
        .containsExactly("auto", "base", "animals", "capitals");
    assertThat(models.get(3)._additionalProperties().get("parent").convert(String.class))
        .isEqualTo("base");
    assertThat(client.models().retrieve("animals").id()).isEqualTo("animals");
  }

  @Test
  void mistakesAreToldAsTheClientExpectsThem() {
    assertThatThrownBy(() -> client.chat().completions().create(asking("finance", "Hello").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("The model 'finance' does not exist");
    assertThatThrownBy(
            () -> client.chat().completions().create(asking("auto", "long ".repeat(3000)).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class,
            e -> assertThat(e.code()).hasValue("context_length_exceeded"));
    assertThatThrownBy(
            () ->
                client
                    .chat()
                    .completions()
                    .create(asking("auto", "Hello").presencePenalty(0.5).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.param()).hasValue("presence_penalty"));
  }
}
