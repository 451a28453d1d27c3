package io.github.moa4j.examples.arguments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.examples.TrainDomain;
import io.github.moa4j.training.lora.TrainingOptions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the programs that train do unless they are told otherwise. */
class TrainingArgumentsTest {

  private static final Pattern DEFAULT = Pattern.compile("Default: (\\d[\\d.]*(?:e-\\d+)?)");

  @ParameterizedTest
  @CsvSource({"--epochs", "--batch-size", "--learning-rate"})
  void saysTheLibrarysDefaults(String option) {
    TrainingOptions defaults =
        TrainingOptions.of(LoraConfig.of(16, 32, TargetModule.outsideOfExperts()));
    double right =
        switch (option) {
          case "--epochs" -> defaults.epochs();
          case "--batch-size" -> defaults.batchSize();
          default -> defaults.learningRate();
        };

    Matcher said =
        DEFAULT.matcher(
            new CommandLine(new TrainDomain())
                .getCommandSpec()
                .findOption(option)
                .description()[0]);

    assertThat(said.find()).isTrue();
    assertThat(Double.parseDouble(said.group(1))).isEqualTo(right);
  }
}
