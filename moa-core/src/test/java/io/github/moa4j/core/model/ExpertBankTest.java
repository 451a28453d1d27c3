package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Experts side by side in one adapter mean what they mean apart. */
@TestInstance(Lifecycle.PER_CLASS)
final class ExpertBankTest {

  private static final int[] LABELS = {1, 0};
  private static final int[] PROMPTS = {3, 4};

  private BaseModel model;
  private List<LoraAdapter> adapters;
  private TokenBatch batch;
  private AnswerTargets targets;

  @BeforeAll
  void load() {
    model = Golden.LLAMA_GQA.load();
    adapters = List.of(TestModels.randomAdapter(model, 1), TestModels.randomAdapter(model, 2));
    int[] sequence = Golden.LLAMA_GQA.sequences().get(0);
    int[] first = Arrays.copyOf(sequence, 8);
    int[] second = Arrays.copyOfRange(sequence, 2, 8);
    batch = TokenBatch.rightPadded(List.of(first, second));
    targets =
        new AnswerTargets(
            new long[] {2, 3, 4, 5, 6, 11, 12},
            new long[] {first[3], first[4], first[5], first[6], first[7], second[4], second[5]});
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void lossOfLabelledRowsIsThatOfTheirOwnAdapters() {
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byLabel(), 1);
        LoraWeights fused = bank.fuse();
        LoraWeights first = model.load(adapters.get(0));
        LoraWeights second = model.load(adapters.get(1))) {
      float[] expected =
          model.answerLosses(
              batch, List.of(AdapterChoice.of(second), AdapterChoice.of(first)), targets);
      assertThat(Differences.max(bank.losses(fused, batch, targets, PROMPTS, LABELS), expected))
          .isLessThan(1e-5);
    }
  }

  @Test
  void gradientsByLabelReachOnlyTheRowsOwnExpert() {
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byLabel(), 1);
        LoraParameters alone = model.trainable(adapters.get(1));
        NDManager scope = model.newScope()) {
      ExpertBank.Gradients both =
          bank.gradients(scope, batch, targets, PROMPTS, new int[] {1, 1}, 0.5, 0);
      NDList expected = model.gradients(scope, alone, batch, targets, new int[2], 0.5, 0, 0);
      assertThat(both.loss()).isCloseTo(expected.get(0).getFloat(), within(1e-3));
      int next = 0;
      for (int i = 0; i < 14; i++) {
        NDArray own = expected.get(1 + i);
        if (own.size() == 0) {
          continue;
        }
        NDArray wide = both.arrays().get(next++);
        int axis = i % 2 == 0 ? 1 : 2;
        NDList halves = wide.split(2, axis);
        assertThat(halves.get(0).abs().max().getFloat()).isZero();
        assertThat(Differences.max(halves.get(1).toFloatArray(), own.toFloatArray()))
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void splitsIntoTheAdaptersItWasMadeOf() {
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byLabel(), 1)) {
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
      try (ExpertBank bank = ExpertBank.of(model, adapters, gating, 3);
          NDManager scope = model.newScope()) {
        List<NDArray> found =
            bank.gradients(scope, batch, targets, PROMPTS, new int[0], 1, 0).arrays();
        NDArray bias = bank.arrays().get(found.size() - 1);
        float slope = found.get(found.size() - 1).toFloatArray()[0];
        float[] values = bias.toFloatArray();
        double[] losses = new double[2];
        float step = 0.01f;
        for (int side = 0; side < 2; side++) {
          float[] moved = values.clone();
          moved[0] += side == 0 ? -step : step;
          model.assign(List.of(bias), List.of(scope.create(moved, bias.getShape())));
          losses[side] = bank.gradients(scope, batch, targets, PROMPTS, new int[0], 1, 0).loss();
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
      try (ExpertBank plain = ExpertBank.of(model, adapters, ExpertGating.byLabel(), 1);
          ExpertBank bank =
              ExpertBank.of(model, adapters, ExpertGating.byLabelWithRouters(pooling), 1);
          NDManager scope = model.newScope()) {
        double expected = plain.gradients(scope, batch, targets, PROMPTS, LABELS, 1, 0).loss();
        ExpertBank.Gradients found = bank.gradients(scope, batch, targets, PROMPTS, LABELS, 1, 1);
        assertThat(found.loss()).isCloseTo(expected, within(1e-3));
        assertThat(found.routingLoss()).isCloseTo(labelsMissed(bank, pooling), within(1e-4));
        NDArray bias = bank.arrays().get(found.arrays().size() - 1);
        NDArray slope = found.arrays().get(found.arrays().size() - 1);
        model.assign(List.of(bias), List.of(bias.sub(slope.mul(0.1f))));
        ExpertBank.Gradients after = bank.gradients(scope, batch, targets, PROMPTS, LABELS, 1, 1);
        assertThat(after.routingLoss()).isLessThan(found.routingLoss());
      }
    }
  }

  /** The mean cross-entropy of the labels, from the states of a pass of their own. */
  private double labelsMissed(ExpertBank bank, Pooling pooling) {
    List<int[]> prompts = new ArrayList<>();
    List<LoraWeights> loaded = new ArrayList<>();
    List<AdapterChoice> choices = new ArrayList<>();
    int[] sequence = Golden.LLAMA_GQA.sequences().get(0);
    for (int row = 0; row < LABELS.length; row++) {
      prompts.add(Arrays.copyOfRange(sequence, 2 * row, 2 * row + PROMPTS[row]));
      loaded.add(model.load(adapters.get(LABELS[row])));
      choices.add(AdapterChoice.of(loaded.get(row)));
    }
    List<PromptStates> states = model.promptStates(prompts, choices);
    loaded.forEach(LoraWeights::close);
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
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byToken(1), 3);
        NDManager scope = model.newScope()) {
      ExpertBank.Gradients plain = bank.gradients(scope, batch, targets, PROMPTS, new int[0], 0, 0);
      ExpertBank.Gradients balanced =
          bank.gradients(scope, batch, targets, PROMPTS, new int[0], 0, 1);
      assertThat(balanced.routingLoss()).isBetween(0.9, 2.0);
      int last = plain.arrays().size() - 1;
      assertThat(plain.arrays().get(last).abs().max().getFloat()).isZero();
      assertThat(balanced.arrays().get(last).abs().max().getFloat()).isPositive();
    }
  }

  @Test
  void generatesTokenByTokenWhatTheWholeSequenceSays() {
    int[] sequence = Golden.LLAMA_GQA.sequences().get(0);
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byToken(1), 3);
        LoraWeights fused = bank.fuse();
        NDManager scope = model.newScope()) {
      AdapterChoice choice = AdapterChoice.of(fused);
      float[] whole = Runs.logits(model, sequence, choice);
      TokenBatch prompt = TokenBatch.leftPadded(List.of(Arrays.copyOf(sequence, 5)));
      try (KeyValueCache cache = KeyValueCache.of(model, prompt, sequence.length)) {
        float[] logits = model.extend(scope, prompt, List.of(choice), cache).toFloatArray();
        for (int i = 5; i < sequence.length; i++) {
          assertThat(Differences.max(logits, Runs.position(whole, i - 1, model.vocabSize())))
              .isLessThan(1e-3);
          TokenBatch next = TokenBatch.leftPadded(List.of(new int[] {sequence[i]}));
          logits = model.extend(scope, next, List.of(choice), cache).toFloatArray();
        }
      }
    }
  }

  @Test
  void refusesToMixTokensChoiceWithOtherAdapters() {
    try (ExpertBank bank = ExpertBank.of(model, adapters, ExpertGating.byToken(1), 3);
        LoraWeights fused = bank.fuse()) {
      assertThatThrownBy(
              () ->
                  Runs.logits(model, batch, List.of(AdapterChoice.of(fused), AdapterChoice.base())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("choose by token");
    }
  }

  @Test
  void refusesExpertsOfDifferentShapes() {
    LoraAdapter other = emptyAdapter(LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ)));
    assertThatThrownBy(
            () -> ExpertBank.of(model, List.of(adapters.get(0), other), ExpertGating.byLabel(), 1))
        .hasMessageContaining("one configuration");
  }

  private LoraAdapter emptyAdapter(LoraConfig config) {
    try (LoraParameters parameters = model.newAdapter(config, 1)) {
      return parameters.toAdapter();
    }
  }

  @Test
  void layersFollowTheirOwnRoutersThroughTheExpertsChosenBefore() {
    int layers = model.config().numHiddenLayers();
    int hidden = model.config().hiddenSize();
    int[] sequence = Golden.LLAMA_GQA.sequences().get(0);
    try (LoraWeights first = model.load(adapters.get(0));
        LoraWeights second = model.load(adapters.get(1))) {
      List<LoraWeights> experts = List.of(first, second);
      float[] bias = new float[layers * 2];
      for (int layer = 0; layer < layers; layer++) {
        bias[2 * layer + layer % 2] = 5; // expert 0 in even layers, 1 in odd ones
      }
      int width = 2 * hidden; // the mean and, behind it, the last token
      float[] weight = new float[layers * 2 * width];
      for (int i = 0; i < weight.length; i++) {
        weight[i] = 1e-2f * ((i * 7919) % 13 - 6);
      }
      List<Float> shares = new ArrayList<>();
      for (int expert = 0; expert < 2; expert++) {
        for (int layer = 0; layer < layers; layer++) {
          shares.add(layer % 2 == expert ? 1f : 0f);
        }
      }
      AdapterChoice alternating = new AdapterChoice(experts, shares, 0);
      PromptStates states =
          model.promptStates(List.of(sequence), Collections.nCopies(1, alternating)).get(0);
      double[][] chosen =
          LayerChoices.of(
              model,
              List.of(sequence),
              experts,
              HostTensor.of(weight, layers, 2, width),
              HostTensor.of(bias, layers, 2),
              Pooling.MEAN_AND_LAST)[0];
      for (int layer = 0; layer < layers; layer++) {
        double[] scores = new double[2];
        for (int expert = 0; expert < 2; expert++) {
          scores[expert] = bias[2 * layer + expert];
          for (int j = 0; j < hidden; j++) {
            int own = (layer * 2 + expert) * width + j;
            scores[expert] += weight[own] * states.mean()[layer][j];
            scores[expert] += weight[own + hidden] * states.last()[layer][j];
          }
        }
        double expected = 1 / (1 + Math.exp(scores[1] - scores[0]));
        assertThat(chosen[layer][0]).isCloseTo(expected, within(1e-4));
        assertThat(chosen[layer][layer % 2]).isGreaterThan(0.5);
      }
    }
  }
}
