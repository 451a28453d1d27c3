package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolExecutionEligibilityPredicate;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What the properties make, and what they leave to others. */
final class MoaAutoConfigurationTest {

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  MoaAutoConfiguration.class,
                  MoaChatAutoConfiguration.class,
                  MoaHealthAutoConfiguration.class,
                  MoaOtherSpringAutoConfiguration.class,
                  MoaTrainingAutoConfiguration.class));

  @Test
  void makesNothingWithoutAMixture() {
    application.run(
        context ->
            assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(MixtureOfLoras.class)
                .doesNotHaveBean(MoaChatModel.class)
                .doesNotHaveBean(MixtureTrainer.class)
                .doesNotHaveBean("moaHealthIndicator"));
  }

  @Test
  void saysThatItIsNotMadeForAnotherSpringAi() {
    application
        .withClassLoader(new FilteredClassLoader(ToolExecutionEligibilityPredicate.class))
        .withPropertyValues("moa.mixture=/nowhere")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(MoaException.class)
                    .hasMessageContainingAll("Spring Boot 3.5 with Spring AI 1.1", "moa-router"));
  }

  @Test
  void saysWhichDirectoryHasNoMixture(@TempDir Path empty) {
    application
        .withPropertyValues("moa.mixture=" + empty)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining(empty.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "moa.chat.temperature=-1, moa.chat is out of its range: temperature",
    "moa.chat.max-tokens=0, maxNewTokens",
    "moa.chat.time-limit=-5s, time limit",
    "moa.close-patience=-1s, moa.close-patience",
    "moa.mixture=, moa.mixture is empty"
  })
  void saysAtTheStartWhichPropertyIsWrong(String property, String named) {
    application
        .withPropertyValues("moa.mixture=/nowhere", property)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(named));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closesWithPatienceHoweverItsBeansAreMade(boolean lazily) {
    AtomicReference<CompletableFuture<ChatResponse>> asked = new AtomicReference<>();
    MoaChatOptions lengthy =
        MoaChatOptions.builder()
            .model("counting")
            .maxTokens(200)
            .constraint(Constraint.regex("[a-z]{150}"))
            .build();
    application
        .withConfiguration(AutoConfigurations.of(ToolCallingAutoConfiguration.class))
        .withPropertyValues("moa.mixture=" + TrainedMixture.folder())
        .withInitializer(
            context -> {
              if (lazily) {
                context.addBeanFactoryPostProcessor(
                    new LazyInitializationBeanFactoryPostProcessor());
              }
            })
        .run(
            context -> {
              MoaChatModel model = context.getBean(MoaChatModel.class);
              MixtureOfLoras mixture = context.getBean(MixtureOfLoras.class);
              asked.set(
                  CompletableFuture.supplyAsync(
                      () -> model.call(new Prompt(TrainedMixture.QUESTION, lengthy))));
              while (mixture.status().running() == 0) {
                Thread.onSpinWait();
              }
            });
    assertThat(asked.get().join().getResult().getOutput().getText()).hasSize(150);
  }

  @Test
  void countsTheAnswersThatTheBaseGivesAlone() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    application
        .withConfiguration(AutoConfigurations.of(ToolCallingAutoConfiguration.class))
        .withPropertyValues(
            "moa.mixture=" + TrainedMixture.folder(), "moa.chat.domains=none-of-them")
        .run(
            context -> {
              context.getBean("mixtureMeters", MeterBinder.class).bindTo(registry);
              ChatResponse response =
                  context
                      .getBean(MoaChatModel.class)
                      .call(new Prompt("Hello", MoaChatOptions.builder().maxTokens(2).build()));
              assertThat(response.getMetadata().<String>get("abstention")).isNotEmpty();
            });
    assertThat(registry.get("moa.abstentions").counter().count()).isEqualTo(1);
  }
}
