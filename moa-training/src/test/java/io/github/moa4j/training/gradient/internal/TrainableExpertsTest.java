package io.github.moa4j.training.gradient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.ExpertBank;
import io.github.moa4j.training.gradient.ExpertGating;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Experts side by side in one adapter mean what they mean apart. */
@TestInstance(Lifecycle.PER_CLASS)
final class TrainableExpertsTest {

  private static final GoldenBatch GOLDEN = GoldenBatch.of("llama-gqa");
  private static final LoraConfig LORA = LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class));
  private static final int[] LABELS = {1, 0};
  private static final int[] PROMPTS = {3, 4};

  private final int[] sequence = GOLDEN.examples().get(0).tokens();
  private final AnswerBatch batch =
      AnswerBatch.of(
          List.of(
              new EncodedExample(Arrays.copyOf(sequence, 8), PROMPTS[0]),
              new EncodedExample(Arrays.copyOfRange(sequence, 2, 8), PROMPTS[1])));
  private BaseModel model;
  private Decoder decoder;
  private List<LoraAdapter> adapters;

  @BeforeAll
  void load() {
    model = GOLDEN.load();
    decoder = model.unwrap(Decoder.class);
    adapters = List.of(GoldenBatch.random(model, LORA, 1), GoldenBatch.random(model, LORA, 2));
  }

  @AfterAll
  void close() {
    model.close();
  }

  private TrainableExperts experts(ExpertGating gating, long seed) {
    return TrainableExperts.of(decoder, adapters, gating, seed);
  }

  @Test
  void lossOfLabelledRowsIsThatOfTheirOwnAdapters() {
    try (TrainableExperts bank = experts(ExpertGating.byLabel(), 1);
        FusedLora fused = bank.fuse();
        AppliedLora first = model.load(adapters.get(0));
        AppliedLora second = model.load(adapters.get(1))) {
      float[] expected =
          decoder.answerLosses(
              batch.tokens(),
              List.of(AdapterChoice.of(second), AdapterChoice.of(first)),
              batch.targets());
      assertThat(GoldenBatch.difference(bank.losses(fused, batch, LABELS), expected))
          .isLessThan(1e-5);
    }
  }

  @Test
  void gradientsByLabelReachOnlyTheRowsOwnExpert() {
    try (TrainableExperts bank = experts(ExpertGating.byLabel(), 1);
        TrainableLora alone = decoder.trainable(adapters.get(1));
        GradientKernel kernel = GradientKernel.of(decoder);
        NDManager scope = decoder.newScope()) {
      Gradients both = bank.gradients(scope, batch, new int[] {1, 1}, 0.5, 0, false);
      Gradients expected =
          kernel
              .gradients(
                  scope,
                  List.of(new GradientKernel.Lesson(alone, batch, new int[2], 0.5, 0)),
                  0,
                  false)
              .get(0);
      assertThat(both.loss()).isCloseTo(expected.loss(), within(1e-3));
      for (int i = 0; i < 14; i++) {
        NDArray own = expected.arrays().get(i);
        NDArray wide = both.arrays().get(i);
        int axis = i % 2 == 0 ? 1 : 2;
        NDList halves = wide.split(2, axis);
        assertThat(halves.get(0).abs().max().getFloat()).isZero();
        assertThat(GoldenBatch.difference(halves.get(1).toFloatArray(), own.toFloatArray()))
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void splitsIntoTheAdaptersItWasMadeOf() {
    try (TrainableExperts bank = experts(ExpertGating.byLabel(), 1)) {
      List<LoraAdapter> split = bank.split();
      for (int i = 0; i < 2; i++) {
        assertThat(split.get(i).tensors().keySet()).isEqualTo(adapters.get(i).tensors().keySet());
        for (String key : split.get(i).tensors().keySet()) {
          assertThat(split.get(i).tensors().get(key).toFloatArray())
              .isEqualTo(adapters.get(i).tensors().get(key).toFloatArray());
        }
      }
    }
  }

  @Test
  void gradientsOfTheGatingAreSlopesOfTheLoss() {
    for (ExpertGating gating :
        List.of(
            ExpertGating.byToken(0),
            ExpertGating.bySequence(Pooling.MEAN),
            ExpertGating.bySequence(Pooling.MEAN_AND_LAST))) {
      try (TrainableExperts bank = experts(gating, 3);
          NDManager scope = decoder.newScope()) {
        List<NDArray> found = bank.gradients(scope, batch, new int[0], 1, 0, false).arrays();
        NDArray bias = bank.arrays().get(found.size() - 1);
        float slope = found.get(found.size() - 1).toFloatArray()[0];
        float[] values = bias.toFloatArray();
        double[] losses = new double[2];
        float step = 0.01f;
        for (int side = 0; side < 2; side++) {
          float[] moved = values.clone();
          moved[0] += side == 0 ? -step : step;
          decoder.kernel().assign(List.of(bias), List.of(scope.create(moved, bias.getShape())));
          losses[side] = bank.gradients(scope, batch, new int[0], 1, 0, false).loss();
        }
        assertThat((losses[1] - losses[0]) / (2 * step))
            .as(gating.toString())
            .isCloseTo(slope, within(0.05 * Math.abs(slope) + 2e-3));
      }
    }
  }

  @Test
  void routersBesideLabelsLearnThemWithoutChangingTheLoss() {
    for (Pooling pooling : Pooling.values()) {
      try (TrainableExperts plain = experts(ExpertGating.byLabel(), 1);
          TrainableExperts bank = experts(ExpertGating.byLabelWithRouters(pooling), 1);
          NDManager scope = decoder.newScope()) {
        double expected = plain.gradients(scope, batch, LABELS, 1, 0, false).loss();
        Gradients found = bank.gradients(scope, batch, LABELS, 1, 1, false);
        assertThat(found.loss()).isCloseTo(expected, within(1e-3));
        assertThat(found.routingLoss()).isCloseTo(labelsMissed(bank, pooling), within(1e-4));
        NDArray bias = bank.arrays().get(found.arrays().size() - 1);
        NDArray slope = found.arrays().get(found.arrays().size() - 1);
        decoder.kernel().assign(List.of(bias), List.of(bias.sub(slope.mul(0.1f))));
        Gradients after = bank.gradients(scope, batch, LABELS, 1, 1, false);
        assertThat(after.routingLoss()).isLessThan(found.routingLoss());
      }
    }
  }

  /** The mean cross-entropy of the labels, from the states of a pass of their own. */
  private double labelsMissed(TrainableExperts bank, Pooling pooling) {
    List<int[]> prompts = new ArrayList<>();
    List<AppliedLora> loaded = new ArrayList<>();
    List<AdapterChoice> choices = new ArrayList<>();
    for (int row = 0; row < LABELS.length; row++) {
      prompts.add(Arrays.copyOfRange(sequence, 2 * row, 2 * row + PROMPTS[row]));
      loaded.add(model.load(adapters.get(LABELS[row])));
      choices.add(AdapterChoice.of(loaded.get(row)));
    }
    List<PromptStates> states = model.promptStates(prompts, choices);
    loaded.forEach(AppliedLora::close);
    float[] weight = bank.gatingTensors().get(0).toFloatArray();
    int layers = model.config().numHiddenLayers();
    int hidden = model.config().hiddenSize();
    double sum = 0;
    for (int row = 0; row < LABELS.length; row++) {
      for (int layer = 0; layer < layers; layer++) {
        float[] state = pooling.of(states.get(row), layer);
        double[] scores = new double[2];
        for (int expert = 0; expert < 2; expert++) {
          for (int j = 0; j < state.length; j++) {
            int part = j / hidden * hidden;
            double square = 0;
            for (int i = part; i < part + hidden; i++) {
              square += state[i] * state[i] / hidden;
            }
            double normed = state[j] / Math.sqrt(square + model.config().rmsNormEps());
            scores[expert] += weight[(layer * 2 + expert) * state.length + j] * normed;
          }
        }
        sum += Math.log1p(Math.exp(scores[1 - LABELS[row]] - scores[LABELS[row]]));
      }
    }
    return sum / layers / LABELS.length;
  }

  @Test
  void evenUseHasABalanceLossOfOneAndTheBalancePullsTheGating() {
    try (TrainableExperts bank = experts(ExpertGating.byToken(1), 3);
        NDManager scope = decoder.newScope()) {
      Gradients plain = bank.gradients(scope, batch, new int[0], 0, 0, false);
      Gradients balanced = bank.gradients(scope, batch, new int[0], 0, 1, false);
      assertThat(balanced.routingLoss()).isBetween(0.9, 2.0);
      int last = plain.arrays().size() - 1;
      assertThat(plain.arrays().get(last).abs().max().getFloat()).isZero();
      assertThat(balanced.arrays().get(last).abs().max().getFloat()).isPositive();
    }
  }

  @Test
  void generatesTokenByTokenWhatTheWholeSequenceSays() {
    try (TrainableExperts bank = experts(ExpertGating.byToken(1), 3);
        FusedLora fused = bank.fuse();
        NDManager scope = decoder.newScope()) {
      AdapterChoice choice = AdapterChoice.of(fused);
      TokenBatch all = TokenBatch.of(List.of(sequence));
      float[] whole = decoder.logits(scope, all, List.of(choice)).toFloatArray();
      int vocab = model.vocabSize();
      TokenBatch prompt = TokenBatch.of(List.of(Arrays.copyOf(sequence, 5)));
      try (KeyValueCache cache = KeyValueCache.of(decoder, 1, sequence.length)) {
        float[] logits =
            decoder.extend(scope, prompt, List.of(choice), cache, new int[1]).toFloatArray();
        for (int i = 5; i < sequence.length; i++) {
          assertThat(
                  GoldenBatch.difference(
                      logits, Arrays.copyOfRange(whole, (i - 1) * vocab, i * vocab)))
              .isLessThan(1e-3);
          TokenBatch next = TokenBatch.of(List.of(new int[] {sequence[i]}));
          logits = decoder.extend(scope, next, List.of(choice), cache, new int[1]).toFloatArray();
        }
      }
    }
  }

  @Test
  void refusesToMixTokensChoiceWithOtherAdapters() {
    try (TrainableExperts bank = experts(ExpertGating.byToken(1), 3);
        FusedLora fused = bank.fuse()) {
      assertThatThrownBy(
              () ->
                  decoder.answerLosses(
                      batch.tokens(),
                      List.of(AdapterChoice.of(fused), AdapterChoice.base()),
                      batch.targets()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("choose by token");
    }
  }

  @Test
  void refusesExpertsOfDifferentShapes() {
    LoraConfig narrow = LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ));
    LoraAdapter other = GoldenBatch.random(model, narrow, 1);
    assertThatThrownBy(
            () -> ExpertBank.of(model, List.of(adapters.get(0), other), ExpertGating.byLabel(), 1))
        .hasMessageContaining("one configuration");
  }

  /** Every token's state in every layer, from passes of their own, decides it; padding does not. */
  @Test
  void theBalanceLossIsThatOfTheTokensThatCount() {
    try (TrainableExperts bank = experts(ExpertGating.byToken(1), 3);
        FusedLora fused = bank.fuse();
        NDManager scope = decoder.newScope()) {
      int layers = model.config().numHiddenLayers();
      float[] weight = bank.gatingTensors().get(0).toFloatArray();
      double sum = 0;
      for (int layer = 0; layer < layers; layer++) {
        double[] shares = new double[2];
        double[] means = new double[2];
        for (int row = 0; row < 2; row++) {
          for (int end = 1; end <= batch.tokens().length(row); end++) {
            int[] prefix = Arrays.copyOfRange(sequence, 2 * row, 2 * row + end);
            PromptStates states =
                model.promptStates(List.of(prefix), List.of(AdapterChoice.of(fused))).get(0);
            double first = firstExpert(weight, layer, states.last()[layer]);
            means[0] += first / 14;
            means[1] += (1 - first) / 14;
            shares[first > 0.5 ? 0 : 1] += 1.0 / 14;
          }
        }
        sum += 2 * (shares[0] * means[0] + shares[1] * means[1]);
      }
      Gradients found = bank.gradients(scope, batch, new int[0], 1, 1, false);
      assertThat(found.routingLoss()).isCloseTo(sum / layers, within(1e-4));
    }
  }

  /** The probability of the first of two experts, whose biases are 0. */
  private double firstExpert(float[] weight, int layer, float[] state) {
    float[] norm;
    try (SafetensorsFile file =
        SafetensorsFile.open(GOLDEN.directory().resolve("model.safetensors"))) {
      norm = file.tensor("model.layers." + layer + ".input_layernorm.weight").toFloatArray();
    }
    double square = 0;
    for (float value : state) {
      square += value * value / state.length;
    }
    double difference = 0;
    for (int i = 0; i < state.length; i++) {
      double normed = state[i] / Math.sqrt(square + model.config().rmsNormEps()) * norm[i];
      int first = 2 * layer * state.length + i;
      difference += (weight[first] - weight[first + state.length]) * normed;
    }
    return 1 / (1 + Math.exp(-difference));
  }

  @Test
  void aHopelessRouterHasALossAndAGradient() {
    try (TrainableExperts bank = experts(ExpertGating.byLabelWithRouters(Pooling.MEAN), 3);
        NDManager scope = decoder.newScope()) {
      NDArray bias = bank.arrays().get(bank.arrays().size() - 1);
      int layers = model.config().numHiddenLayers();
      float[] sure = new float[2 * layers];
      for (int layer = 0; layer < layers; layer++) {
        sure[2 * layer] = 500; // of the first expert, where the label is the second
      }
      decoder.kernel().assign(List.of(bias), List.of(scope.create(sure, bias.getShape())));
      Gradients found = bank.gradients(scope, batch, new int[] {1, 1}, 0, 1, false);
      assertThat(found.routingLoss()).isCloseTo(500, within(2.0));
      float[] slope = found.arrays().get(found.arrays().size() - 1).toFloatArray();
      assertThat(slope[0]).isCloseTo(1f / layers, within(1e-4f));
      assertThat(slope[1]).isCloseTo(-1f / layers, within(1e-4f));
    }
  }
}
