package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.UnknownDomainException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.access.AuditRecord;
import io.github.moa4j.router.access.AuditTrail;
import io.github.moa4j.router.access.Caller;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.MimeTypeUtils;

/** The sample application, started as its users start it, with nothing but properties. */
@SpringBootTest(
    classes = SampleApplication.class,
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "moa.abstention-threshold=0",
      "moa.chat.max-tokens=24",
      "moa.training.rank=4",
      "management.endpoints.web.exposure.include=health,metrics",
      "management.endpoint.health.show-details=always"
    })
final class SampleApplicationTest {

  @LocalServerPort int port;
  @Autowired ChatModel model;
  @Autowired ChatClient.Builder client;
  @Autowired MixtureOfLoras mixture;
  @Autowired MixtureTrainer trainer;
  @Autowired MeterRegistry meters;

  @DynamicPropertySource
  static void mixture(DynamicPropertyRegistry properties) {
    properties.add("moa.mixture", TrainedMixture.folder()::toString);
  }

  @Test
  void answersOverHttp() throws Exception {
    assertThat(get("/ask?text=" + encoded(TrainedMixture.QUESTION)))
        .isEqualTo(TrainedMixture.ANSWER);
  }

  @Test
  void streamsOverHttp() throws Exception {
    String events = get("/stream?text=" + encoded(TrainedMixture.QUESTION));
    assertThat(events.lines().filter(line -> line.startsWith("data:")).count()).isGreaterThan(2);
    assertThat(
            events
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring("data:".length()))
                .collect(Collectors.joining()))
        .isEqualTo(TrainedMixture.ANSWER);
  }

  @Test
  void saysWhoAnsweredAndWhatItTook() {
    ChatResponse response = client.build().prompt("Count from 3").call().chatResponse();
    assertThat(response.getMetadata().getModel()).isEqualTo("counting");
    assertThat(response.getMetadata().<Double>get("confidence")).isBetween(0.5, 1.0);
    assertThat(response.getMetadata().getUsage().getCompletionTokens()).isBetween(2, 24);
    assertThat(response.getMetadata().getUsage().getPromptTokens()).isPositive();
    assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
  }

  @Test
  void letsThePromptNameTheDomainTheLimitAndTheStops() {
    ChatResponse named =
        model.call(new Prompt("Count from 3", ChatOptions.builder().model("capitals").build()));
    assertThat(named.getMetadata().getModel()).isEqualTo("capitals");
    ChatResponse among =
        model.call(
            new Prompt(
                "Count from 3", MoaChatOptions.builder().domains(Set.of("capitals")).build()));
    assertThat(among.getMetadata().getModel()).isEqualTo("capitals");
    ChatResponse cut =
        model.call(new Prompt(TrainedMixture.QUESTION, ChatOptions.builder().maxTokens(2).build()));
    assertThat(cut.getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
    assertThat(cut.getMetadata().getUsage().getCompletionTokens()).isEqualTo(2);
    ChatResponse stopped =
        model.call(
            new Prompt(
                TrainedMixture.QUESTION,
                ChatOptions.builder().stopSequences(List.of(" Paris")).build()));
    assertThat(stopped.getResult().getOutput().getText()).isEqualTo("The capital of France is");
  }

  @Test
  void endsAStreamWithItsUsageAndReason() {
    List<ChatResponse> parts =
        model.stream(new Prompt(TrainedMixture.QUESTION)).collectList().block();
    ChatResponse last = parts.get(parts.size() - 1);
    assertThat(last.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
    assertThat(last.getMetadata().getUsage().getCompletionTokens()).isGreaterThan(2);
    assertThat(parts.get(0).getMetadata().getModel()).isEqualTo("capitals");
  }

  @Test
  void endsTheAnswerOfAStreamThatIsCancelled() throws Exception {
    Prompt prompt = new Prompt(TrainedMixture.QUESTION);
    assertThat(model.stream(prompt).take(1).collectList().block()).hasSize(1);
    assertThat(mixture.registry().awaitLeases(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void refusesWhatAMixtureCannotDoAndSaysWhat() {
    assertThatThrownBy(
            () -> model.call(new Prompt("a", ChatOptions.builder().presencePenalty(1.0).build())))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("presence penalty");
    Media picture = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[1]));
    assertThatThrownBy(
            () -> model.call(new Prompt(UserMessage.builder().text("a").media(picture).build())))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("image/png");
    Prompt unknown = new Prompt("a", ChatOptions.builder().model("cooking").build());
    assertThatThrownBy(() -> model.call(unknown))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("cooking");
    assertThatThrownBy(() -> model.stream(unknown).blockLast())
        .isInstanceOf(AdapterException.class);
  }

  @Test
  void tellsItsHealth() throws Exception {
    assertThat(get("/actuator/health"))
        .startsWith("{\"status\":\"UP\"")
        .contains("\"moa\":{\"status\":\"UP\"", "\"capitals\":1", "\"counting\":1");
  }

  @Test
  void metersAnswersUnderTheNamesOfOpenTelemetry() throws Exception {
    model.call(TrainedMixture.QUESTION);
    assertThat(get("/actuator/metrics"))
        .contains(
            "\"gen_ai.client.operation\"",
            "\"gen_ai.client.token.usage\"",
            "\"gen_ai.server.request.duration\"",
            "\"gen_ai.server.time_to_first_token\"",
            "\"gen_ai.server.time_per_output_token\"",
            "\"moa.queue\"",
            "\"moa.routing.confidence\"",
            "\"moa.adapters.resident\"");
    assertThat(
            get(
                "/actuator/metrics/gen_ai.server.request.duration?tag=gen_ai.response.model:capitals"))
        .contains("\"statistic\":\"COUNT\"");
    // Spring AI counts the tokens of its calls; a second meter of this name would be another kind.
    assertThat(meters.get("gen_ai.client.token.usage").meters())
        .isNotEmpty()
        .allMatch(Counter.class::isInstance);
  }

  @Test
  void offersTheTrainerOfTheMixture() {
    assertThat(trainer.settings().adapter().lora().rank()).isEqualTo(4);
  }

  @Test
  void offersAMixtureThatTheApplicationOpenedWithoutTrainingOrActuator() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                ToolCallingAutoConfiguration.class,
                MoaAutoConfiguration.class,
                MoaChatAutoConfiguration.class,
                MoaHealthAutoConfiguration.class,
                MoaTrainingAutoConfiguration.class))
        .withClassLoader(new FilteredClassLoader(MixtureTrainer.class, HealthIndicator.class))
        .withPropertyValues("moa.mixture=/nowhere", "moa.chat.model=counting")
        .withBean(
            MixtureOfLoras.class,
            () -> mixture,
            bean -> bean.setDestroyMethodName("")) // not its own
        .run(
            context -> {
              assertThat(context)
                  .hasNotFailed()
                  .doesNotHaveBean("mixtureTrainer")
                  .doesNotHaveBean("moaHealthIndicator");
              ChatResponse response =
                  context.getBean(MoaChatModel.class).call(new Prompt(TrainedMixture.QUESTION));
              assertThat(response.getMetadata().getModel()).isEqualTo("counting");
            });
  }

  @Test
  void auditsInABeanOfTheApplicationWhoAsks() {
    List<AuditRecord> records = new CopyOnWriteArrayList<>();
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                ToolCallingAutoConfiguration.class,
                MoaAutoConfiguration.class,
                MoaChatAutoConfiguration.class))
        .withPropertyValues("moa.mixture=" + TrainedMixture.folder(), "moa.chat.max-tokens=2")
        .withBean(AuditTrail.class, () -> records::add)
        .run(
            context -> {
              MoaChatModel asked = context.getBean(MoaChatModel.class);
              MoaChatOptions.Builder options =
                  MoaChatOptions.builder().caller(Caller.named("anna").seeing(Set.of("counting")));
              asked.call(new Prompt(TrainedMixture.QUESTION, options.build()));
              assertThatThrownBy(
                      () ->
                          asked.call(
                              new Prompt(
                                  TrainedMixture.QUESTION, options.model("capitals").build())))
                  .isInstanceOf(UnknownDomainException.class)
                  .hasMessage("There is no domain 'capitals'. Known domains: counting.");
            });
    assertThat(records)
        .hasSize(3)
        .allMatch(record -> record.caller().equals(Optional.of("anna")))
        .noneMatch(record -> record.domain().equals(Optional.of("capitals")));
  }

  private String get(String path) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder()
                    .uri(java.net.URI.create("http://127.0.0.1:" + port + path))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
