package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a choice of adapters means: per sequence, from a position on, and in shares. */
@TestInstance(Lifecycle.PER_CLASS)
final class AdapterChoiceTest {

  private static final int FROM = 9;

  private final int[] sequence = Golden.QWEN3_QKNORM.sequences().get(0);
  private BaseModel model;
  private AppliedLora first;
  private AppliedLora second;
  private int vocab;

  @BeforeAll
  void load() {
    model = Golden.QWEN3_QKNORM.load();
    first = model.load(Golden.QWEN3_QKNORM.adapter());
    second = model.load(TestModels.randomAdapter(model, 5));
    vocab = model.config().vocabSize();
  }

  @AfterAll
  void close() {
    first.close();
    second.close();
    model.close();
  }

  @Test
  void tokensBeforeThePositionAreTheBasesOwnPass() {
    float[] base = Runs.logits(model, sequence, AdapterChoice.base());
    float[] whole = Runs.logits(model, sequence, AdapterChoice.of(first));
    float[] activated = Runs.logits(model, sequence, AdapterChoice.from(first, FROM));

    int before = FROM * vocab;
    assertThat(Differences.max(Arrays.copyOf(activated, before), Arrays.copyOf(base, before)))
        .isLessThanOrEqualTo(1e-5);
    for (int position = FROM; position < sequence.length; position++) {
      float[] here = Runs.position(activated, position, vocab);
      assertThat(Differences.max(here, Runs.position(base, position, vocab))).isGreaterThan(1e-2);
      assertThat(Differences.max(here, Runs.position(whole, position, vocab))).isGreaterThan(1e-3);
    }
  }

  @Test
  void activatedAdapterAppliesFromItsInvocationOnAndStaysOutWhereThereIsNone() {
    LoraConfig plain = LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ));
    LoraConfig activated = plain.withAloraInvocationTokens(List.of(7, 8));

    assertThat(AdapterChoice.of(first, plain, new int[] {7, 8})).isEqualTo(AdapterChoice.of(first));
    assertThat(AdapterChoice.of(first, activated, new int[] {7, 8, 7, 8, 9}))
        .isEqualTo(AdapterChoice.from(first, 2));
    assertThat(AdapterChoice.of(first, activated, new int[] {8, 7}))
        .isEqualTo(AdapterChoice.base());
  }

  @Test
  void positionsCountTheRowsOwnTokensInABatch() {
    List<int[]> sequences = List.of(Arrays.copyOf(sequence, 14), sequence, sequence);
    List<AdapterChoice> choices =
        List.of(
            AdapterChoice.from(first, FROM),
            AdapterChoice.from(first, FROM + 4),
            AdapterChoice.from(second, 1));
    List<float[]> batch = Runs.logits(model, TokenBatch.of(sequences), choices);
    for (int row = 0; row < sequences.size(); row++) {
      float[] alone = Runs.logits(model, sequences.get(row), choices.get(row));
      assertThat(Differences.max(batch.get(row), alone)).isLessThanOrEqualTo(1e-4);
    }
  }

  @Test
  void cacheOfTheBaseServesAnAdapterThatStartsBehindIt() {
    float[] full = Runs.logits(model, sequence, AdapterChoice.from(first, FROM));
    int[] head = Arrays.copyOf(sequence, FROM);
    int[] tail = Arrays.copyOfRange(sequence, FROM, sequence.length);
    TokenBatch prefix = TokenBatch.of(List.of(head));
    try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 1, FROM)) {
      Runs.extend(model, prefix, List.of(AdapterChoice.base()), cache);
      try (KeyValueCache own = KeyValueCache.of(Runs.decoder(model), 1, sequence.length)) {
        own.copyFrom(cache, 0, 0, FROM);
        float[] last =
            Runs.extend(
                model, TokenBatch.of(List.of(tail)), List.of(AdapterChoice.from(first, FROM)), own);
        assertThat(Differences.max(last, Runs.position(full, sequence.length - 1, vocab)))
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void sharesMixTheDeltas() {
    float[] mixed =
        Runs.logits(
            model, sequence, new AdapterChoice(List.of(first, second), List.of(0.3f, 0.7f), 0));
    try (AppliedLora sum = model.load(mixture(0.3f, 0.7f))) {
      float[] expected = Runs.logits(model, sequence, AdapterChoice.of(sum));
      assertThat(Differences.relative(mixed, expected)).isLessThanOrEqualTo(1e-5);
    }
  }

  /** The mixture as one adapter: the As below each other, the Bs, scaled, side by side. */
  private LoraAdapter mixture(float firstShare, float secondShare) {
    LoraAdapter a = Golden.QWEN3_QKNORM.adapter();
    LoraAdapter b = TestModels.randomAdapter(model, 5);
    LoraConfig config = LoraConfig.of(6, 6, Set.of(TargetModule.values()));
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
      for (TargetModule module : TargetModule.of(model.config())) {
        float[] a1 = a.loraA(layer, module).orElseThrow().toFloatArray();
        float[] a2 = b.loraA(layer, module).orElseThrow().toFloatArray();
        float[] a12 = Arrays.copyOf(a1, a1.length + a2.length);
        System.arraycopy(a2, 0, a12, a1.length, a2.length);
        float[] b1 = a.loraB(layer, module).orElseThrow().toFloatArray();
        float[] b2 = b.loraB(layer, module).orElseThrow().toFloatArray();
        int out = module.outputSize(model.config());
        float[] b12 = new float[out * 6];
        for (int row = 0; row < out; row++) {
          for (int column = 0; column < 6; column++) {
            b12[row * 6 + column] =
                column < 4
                    ? (float) (b1[row * 4 + column] * firstShare * a.config().scaling())
                    : (float) (b2[row * 2 + column - 4] * secondShare * b.config().scaling());
          }
        }
        tensors.put(
            LoraAdapter.key(layer, module, "lora_A"),
            HostTensor.of(a12, 6, module.inputSize(model.config())));
        tensors.put(LoraAdapter.key(layer, module, "lora_B"), HostTensor.of(b12, out, 6));
      }
    }
    return LoraAdapter.of(config, tensors);
  }

  @Test
  void shareOfZeroIsTheBase() {
    float[] mixed = Runs.logits(model, sequence, new AdapterChoice(List.of(first), List.of(0f), 0));
    assertThat(Differences.max(mixed, Runs.logits(model, sequence, AdapterChoice.base())))
        .isLessThanOrEqualTo(1e-5);
  }

  @Test
  void promptStatesOfAPaddedBatchEqualThoseOfSinglePrompts() {
    List<int[]> prompts =
        List.of(Arrays.copyOf(sequence, 5), sequence, Arrays.copyOfRange(sequence, 3, 4));
    List<PromptStates> batch = model.promptStates(prompts);
    for (int row = 0; row < prompts.size(); row++) {
      PromptStates alone = model.promptStates(List.of(prompts.get(row))).get(0);
      assertThat(alone.numStates()).isEqualTo(model.config().numHiddenLayers() + 1);
      for (int state = 0; state < alone.numStates(); state++) {
        assertThat(Differences.max(batch.get(row).mean()[state], alone.mean()[state]))
            .isLessThanOrEqualTo(1e-4);
        assertThat(Differences.max(batch.get(row).last()[state], alone.last()[state]))
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void promptStatesOfOneTokenAreItsOwn() {
    PromptStates states = model.promptStates(List.of(new int[] {17})).get(0);
    assertThat(states.mean()).isDeepEqualTo(states.last());
  }

  @Test
  void lastPromptStateBehindTheNormGivesTheLogits() {
    PromptStates states = model.promptStates(List.of(sequence)).get(0);
    float[] last = states.last()[model.config().numHiddenLayers()];
    float[] logits = Runs.logits(model, sequence, AdapterChoice.base());
    float[] expected = Runs.position(logits, sequence.length - 1, vocab);
    float[] embeddings;
    try (Checkpoint checkpoint = Checkpoint.open(Golden.QWEN3_QKNORM.directory())) {
      embeddings = checkpoint.tensor("model.embed_tokens.weight").toFloatArray();
    }
    float[] projected = new float[vocab];
    for (int token = 0; token < vocab; token++) {
      for (int i = 0; i < last.length; i++) {
        projected[token] += embeddings[token * last.length + i] * last[i];
      }
    }
    assertThat(Differences.max(projected, expected)).isLessThanOrEqualTo(1e-4);
  }

  @Test
  void promptStatesCanPassThroughAnAdapter() {
    PromptStates base = model.promptStates(List.of(sequence)).get(0);
    PromptStates adapted =
        model.promptStates(List.of(sequence), List.of(AdapterChoice.of(first))).get(0);
    assertThat(adapted.mean()[0]).containsExactly(base.mean()[0]);
    assertThat(Differences.max(adapted.mean()[1], base.mean()[1])).isGreaterThan(1e-3);
  }

  @Test
  void refusesChoicesThatMeanNothing() {
    List<Float> one = List.of(1f);
    assertThatThrownBy(() -> new AdapterChoice(List.of(first, second), one, 0))
        .hasMessageContaining("2 adapters need as many shares, not 1");
    assertThatThrownBy(() -> new AdapterChoice(List.of(first, first), List.of(.5f, .5f), 0))
        .hasMessageContaining("listed twice");
    assertThatThrownBy(() -> new AdapterChoice(List.of(first), List.of(Float.NaN), 0))
        .hasMessageContaining("finite");
    assertThatThrownBy(() -> AdapterChoice.from(first, -1)).hasMessageContaining("-1");
  }

  @Test
  void choiceKeepsItsOwnLists() {
    List<AppliedLora> experts = new ArrayList<>(List.of(first));
    AdapterChoice choice = new AdapterChoice(experts, List.of(1f), 0);
    experts.clear();
    assertThat(choice.adapters()).containsExactly(first);
  }
}
