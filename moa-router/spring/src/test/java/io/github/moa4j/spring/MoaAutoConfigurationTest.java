package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
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
