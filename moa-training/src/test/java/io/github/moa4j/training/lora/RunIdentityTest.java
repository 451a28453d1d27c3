package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A run goes on from a state only if everything that decides it is the same. */
@TestInstance(Lifecycle.PER_CLASS)
final class RunIdentityTest {

  private static final Path BASE = Path.of("../moa-core/src/test/resources/golden/llama-gqa");
  private static final LoraConfig LORA =
      LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ, TargetModule.V_PROJ));
  private static final TrainingOptions OPTIONS = TrainingOptions.of(LORA);
  private static final EncodedExample FIRST = new EncodedExample(new int[] {3, 4, 5}, 1);
  private static final EncodedExample SECOND = new EncodedExample(new int[] {3, 4, 6}, 1);

  private BaseModel model;

  @BeforeAll
  void load() {
    model = BaseModel.load(BASE, WeightFormat.F32);
  }

  @AfterAll
  void close() {
    model.close();
  }

  private String identity(TrainingOptions options) {
    return RunIdentity.of(
        model, options.toString(), List.of(), List.of(List.of(FIRST), List.of(SECOND)));
  }

  private static TrainingOptions with(UnaryOperator<TrainingOptions.Builder> change) {
    return change.apply(OPTIONS.toBuilder()).build();
  }

  @Test
  void everyOptionIsPartOfIt() {
    List<TrainingOptions> options =
        List.of(
            OPTIONS,
            with(builder -> builder.epochs(7)),
            with(builder -> builder.batchSize(7)),
            with(builder -> builder.accumulationSteps(7)),
            with(builder -> builder.updateRule(UpdateRule.MUON)),
            with(builder -> builder.learningRate(0.007)),
            with(builder -> builder.warmupShare(0.7)),
            with(builder -> builder.finalLearningRateShare(0.7)),
            with(builder -> builder.weightDecay(0.7)),
            with(builder -> builder.maxGradientNorm(7)),
            with(builder -> builder.evaluationsPerEpoch(7)),
            with(builder -> builder.patience(7)),
            with(builder -> builder.seed(7)),
            with(builder -> builder.lora(LoraConfig.of(4, 4, LORA.targetModules()))),
            with(builder -> builder.lora(LoraConfig.of(2, 8, LORA.targetModules()))),
            with(builder -> builder.lora(LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ)))),
            with(builder -> builder.lora(LORA.withRslora(true))),
            with(builder -> builder.lora(LORA.withLoraDropout(0.1))),
            with(builder -> builder.lora(LORA.withAloraInvocationTokens(List.of(3)))));
    assertThat(options).hasSizeGreaterThan(TrainingOptions.class.getRecordComponents().length);
    assertThat(options.stream().map(this::identity)).doesNotHaveDuplicates();
    assertThat(identity(with(builder -> builder))).isEqualTo(identity(OPTIONS));
  }

  @Test
  void theStartAndTheExamplesArePartOfIt() {
    LoraAdapter one = LoraInitialization.random(model.config(), LORA, 1);
    LoraAdapter two = LoraInitialization.random(model.config(), LORA, 2);
    List<EncodedExample> both = List.of(FIRST, SECOND);
    List<String> identities = new ArrayList<>();
    for (List<LoraAdapter> start :
        List.of(List.<LoraAdapter>of(), List.of(one), List.of(two), List.of(one, two))) {
      for (List<List<EncodedExample>> examples :
          List.of(
              List.of(both, List.of(FIRST)),
              List.of(both, List.of(SECOND)),
              List.of(List.of(FIRST), List.of(SECOND), List.of(FIRST)),
              List.of(List.of(new EncodedExample(FIRST.tokens(), 2), SECOND), List.of(FIRST)))) {
        identities.add(RunIdentity.of(model, "", start, examples));
      }
    }
    assertThat(identities).doesNotHaveDuplicates();
  }

  @Test
  void theBaseAndItsPrecisionArePartOfIt() {
    try (BaseModel half = BaseModel.load(BASE, WeightFormat.BF16);
        BaseModel other = BaseModel.load(BASE.resolveSibling("llama3-rope"), WeightFormat.F32)) {
      List<List<EncodedExample>> examples = List.of(List.of(FIRST));
      assertThat(
              List.of(
                  RunIdentity.of(model, "", List.of(), examples),
                  RunIdentity.of(half, "", List.of(), examples),
                  RunIdentity.of(other, "", List.of(), examples)))
          .doesNotHaveDuplicates();
    }
  }
}
