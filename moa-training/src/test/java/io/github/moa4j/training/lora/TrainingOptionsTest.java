package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainingOptionsTest {

  private static final LoraConfig LORA = LoraConfig.of(4, 8, Set.of(TargetModule.Q_PROJ));
  private static final LoraConfig OTHER = LoraConfig.of(2, 8, Set.of(TargetModule.Q_PROJ));

  private static final PrivacyOptions PRIVACY = PrivacyOptions.within(8, 1e-5);

  private final TrainingOptions all =
      new TrainingOptions(
          LORA, 1, 2, 3, UpdateRule.MUON, 0.4, 4, 0.5, 0.6, 0.7, 8, 9, 0, true, 11, PRIVACY);

  @Test
  void builderStartsFromTheOptionsAndSetsEachByItsName() {
    assertThat(all.toBuilder().build()).isEqualTo(all);
    assertThat(
            TrainingOptions.of(OTHER).toBuilder()
                .lora(LORA)
                .epochs(1)
                .batchSize(2)
                .accumulationSteps(3)
                .updateRule(UpdateRule.MUON)
                .learningRate(0.4)
                .loraPlusRatio(4)
                .warmupShare(0.5)
                .finalLearningRateShare(0.6)
                .weightDecay(0.7)
                .maxGradientNorm(8)
                .evaluationsPerEpoch(9)
                .patience(0)
                .checkpointing(true)
                .seed(11)
                .privacy(PRIVACY)
                .build())
        .isEqualTo(all);
  }

  @Test
  void shorterWaysSetWhatTheyName() {
    assertThat(all.withEpochs(12).withBatchSize(13).withLearningRate(0.5).withSeed(14))
        .isEqualTo(
            new TrainingOptions(
                LORA,
                12,
                13,
                3,
                UpdateRule.MUON,
                0.5,
                4,
                0.5,
                0.6,
                0.7,
                8,
                9,
                0,
                true,
                14,
                PRIVACY));
  }

  @Test
  void namesTheSettingThatIsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.toBuilder().warmupShare(-1).build())
        .withMessageContaining("warmupShare")
        .withMessageContaining("-1");
  }

  @Test
  void refusesToStopAPrivateTrainingByALoss() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.toBuilder().patience(3).build())
        .withMessageContaining("patience must be 0 in private training")
        .withMessageContaining("3");
  }
}
