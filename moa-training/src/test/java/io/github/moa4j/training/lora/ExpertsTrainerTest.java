package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Experts that train together: each by its own label, by token, or by the prompt. */
@TestInstance(Lifecycle.PER_CLASS)
class ExpertsTrainerTest {

  private static final LoraConfig LORA = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));
  private static final TrainingOptions OPTIONS =
      TrainingOptions.of(LORA).toBuilder()
          .epochs(4)
          .batchSize(4)
          .learningRate(5e-3)
          .warmupShare(0.2)
          .evaluationsPerEpoch(2)
          .seed(7)
          .build();

  private BaseModel model;
  private List<List<EncodedExample>> train;
  private List<List<EncodedExample>> selection;

  @BeforeAll
  void load() {
    model =
        BaseModel.load(
            Path.of("../moa-core/src/test/resources/golden/llama-gqa"), WeightFormat.F32);
    train = List.of(answering(7, 16, 1), answering(300, 16, 2));
    selection = List.of(answering(7, 4, 3), answering(300, 4, 4));
  }

  @AfterAll
  void close() {
    model.close();
  }

  /** Random prompts, all answered with one token and its successor. */
  private static List<EncodedExample> answering(int token, int count, long seed) {
    Random random = new Random(seed);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] tokens = random.ints(8, 3, 400).toArray();
      tokens[6] = token;
      tokens[7] = token + 1;
      examples.add(new EncodedExample(tokens, 6));
    }
    return examples;
  }

  private static double last(List<Double> losses) {
    return losses.get(losses.size() - 1);
  }

  @Test
  void everyChoiceLearns() {
    for (ExpertsTrainer trainer :
        List.of(
            ExpertsTrainer.byLabel(model, OPTIONS, TrainingListener.NONE),
            ExpertsTrainer.byToken(model, OPTIONS, TrainingListener.NONE, 1, 0.01),
            ExpertsTrainer.byToken(model, OPTIONS, TrainingListener.NONE, 2, 0.01),
            ExpertsTrainer.bySequence(model, OPTIONS, TrainingListener.NONE))) {
      try (TrainedExperts experts = trainer.train(train, selection)) {
        assertThat(last(experts.losses()))
            .as(experts.bank().toString())
            .isLessThan(0.5 * experts.losses().get(0));
      }
    }
  }

  @Test
  void routersBesideLabelsHaveALearningRateOfTheirOwn() {
    TrainingOptions oneStep = OPTIONS.toBuilder().epochs(1).batchSize(32).build();
    List<float[]> routers = new ArrayList<>();
    List<List<String>> adapters = new ArrayList<>();
    for (double rate : List.of(1e-4, 1e-3, 1e-2)) {
      JointRouterOptions options = new JointRouterOptions(1, rate, Pooling.MEAN_AND_LAST);
      try (TrainedExperts experts =
          ExpertsTrainer.byLabelWithRouters(model, oneStep, TrainingListener.NONE, options)
              .train(train, selection)) {
        routers.add(experts.bank().gatingTensors().get(1).toFloatArray()); // starts at 0
        adapters.add(experts.bank().split().stream().map(LoraAdapter::sha256).toList());
      }
    }
    assertThat(adapters.get(1)).isEqualTo(adapters.get(0)).isEqualTo(adapters.get(2));
    for (int i = 0; i < routers.get(0).length; i++) {
      assertThat(routers.get(0)[i]).isNotZero();
      assertThat(routers.get(1)[i] / routers.get(0)[i]).isCloseTo(10, within(0.01f));
      assertThat(routers.get(2)[i] / routers.get(1)[i]).isCloseTo(10, within(0.01f));
    }
  }

  @Test
  void theWeightOfTheLayersOwnLossDoesNotDependOnAccumulation() {
    for (Function<TrainingOptions, Function<TrainingListener, ExpertsTrainer>> kind :
        List.<Function<TrainingOptions, Function<TrainingListener, ExpertsTrainer>>>of(
            options ->
                listener ->
                    ExpertsTrainer.byLabelWithRouters(
                        model, options, listener, new JointRouterOptions(1e4, 1e-3, Pooling.MEAN)),
            options -> listener -> ExpertsTrainer.byToken(model, options, listener, 1, 1e4))) {
      double whole = firstNorm(kind, 32, 1);
      // A balance is of the batch at hand, so small batches differ a little.
      assertThat(firstNorm(kind, 8, 4)).isCloseTo(whole, withinPercentage(20));
    }
  }

  /** The norm of the first step's gradient, of which the layers' own loss is nearly all. */
  private double firstNorm(
      Function<TrainingOptions, Function<TrainingListener, ExpertsTrainer>> kind,
      int batchSize,
      int accumulationSteps) {
    TrainingOptions options =
        OPTIONS.toBuilder()
            .epochs(1)
            .batchSize(batchSize)
            .accumulationSteps(accumulationSteps)
            .build();
    List<Double> norms = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            norms.add(step.gradientNorm());
          }
        };
    kind.apply(options).apply(listener).train(train, selection).close();
    assertThat(norms).hasSize(1);
    return norms.get(0);
  }

  @Test
  void refusesARuleThatMixesTheRanksOfExperts() {
    TrainingOptions muon = OPTIONS.toBuilder().updateRule(UpdateRule.MUON).build();
    assertThatThrownBy(() -> ExpertsTrainer.byLabel(model, muon, TrainingListener.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("MUON", "UpdateRule.ADAMW", "LoraTrainer");
  }

  @Test
  void anExpertWithoutExamplesStaysAsItWas() {
    LoraAdapter start = LoraInitialization.random(model.config(), LORA, 3);
    try (TrainedExperts experts =
        ExpertsTrainer.byLabel(model, OPTIONS, TrainingListener.NONE)
            .train(
                List.of(start, start),
                List.of(train.get(0), List.of()),
                List.of(selection.get(0), List.of()))) {
      List<LoraAdapter> split = experts.bank().split();
      assertThat(split.get(1).sha256()).isEqualTo(start.sha256());
      assertThat(split.get(0).sha256()).isNotEqualTo(start.sha256());
    }
  }

  @Test
  void interruptedRunGoesOnToTheIdenticalExperts(@TempDir Path folder) {
    Path state = folder.resolve("state.safetensors");
    List<LoraAdapter> whole;
    try (TrainedExperts experts =
        ExpertsTrainer.byToken(model, OPTIONS, TrainingListener.NONE, 1, 0.01)
            .train(train, selection)) {
      whole = experts.bank().split();
    }
    TrainingListener killer =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            if (step.step() == 7) {
              throw new IllegalStateException("killed");
            }
          }
        };
    assertThatThrownBy(
            () ->
                ExpertsTrainer.byToken(model, OPTIONS, killer, 1, 0.01)
                    .train(train, selection, state))
        .hasMessage("killed");
    try (TrainedExperts resumed =
        ExpertsTrainer.byToken(model, OPTIONS, TrainingListener.NONE, 1, 0.01)
            .train(train, selection, state)) {
      List<LoraAdapter> split = resumed.bank().split();
      for (int i = 0; i < split.size(); i++) {
        assertThat(split.get(i).sha256()).isEqualTo(whole.get(i).sha256());
      }
    }
  }
}
