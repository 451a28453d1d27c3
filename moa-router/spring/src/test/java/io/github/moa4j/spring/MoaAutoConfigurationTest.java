package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.model.tool.ToolExecutionEligibilityPredicate;
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
}
