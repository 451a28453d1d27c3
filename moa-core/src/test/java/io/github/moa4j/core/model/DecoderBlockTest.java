package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.modality.nlp.generate.SearchConfig;
import ai.djl.modality.nlp.generate.TextGenerator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.lora.LoraWeights;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The model as DJL sees it. */
@TestInstance(Lifecycle.PER_CLASS)
final class DecoderBlockTest {

  private static final Golden GOLDEN = Golden.QWEN3_QKNORM;

  private final int[] first = GOLDEN.sequences().get(0);
  private final int[] second = GOLDEN.sequences().get(1);
  private BaseModel model;
  private LoraWeights adapter;
  private NDManager scope;

  @BeforeAll
  void load() {
    model = GOLDEN.load();
    adapter = model.load(GOLDEN.adapter());
  }

  @AfterAll
  void close() {
    adapter.close();
    model.close();
  }

  @BeforeEach
  void open() {
    scope = model.newScope();
  }

  @AfterEach
  void free() {
    scope.close();
  }

  private NDList forward(DecoderBlock block, NDArray... inputs) {
    return block.forward(new ParameterStore(scope, false), new NDList(inputs), false);
  }

  private NDArray ids() {
    return scope.create(GOLDEN.longs("input_ids"), new Shape(Golden.ROWS, Golden.LENGTH));
  }

  private DecoderBlock cached() {
    return new DecoderBlock(model, AdapterChoice.of(adapter), true);
  }

  @Test
  void computesLogitsOfTheBase() {
    NDArray logits = forward(new DecoderBlock(model), ids()).singletonOrThrow();
    assertThat(logits.getDataType()).isEqualTo(DataType.FLOAT32);
    assertThat(Differences.max(logits.toFloatArray(), golden("base_logits")))
        .isLessThanOrEqualTo(1e-4);
  }

  private static float[] golden(String name) {
    return GOLDEN.floats(name);
  }

  @Test
  void computesLogitsOfAnAdapterAndTakesNarrowIds() {
    DecoderBlock block = new DecoderBlock(model, AdapterChoice.of(adapter), false);
    NDArray logits = forward(block, ids().toType(DataType.INT32, true)).singletonOrThrow();
    assertThat(Differences.max(logits.toFloatArray(), golden("lora_logits")))
        .isLessThanOrEqualTo(1e-4);
  }

  @Test
  void maskHidesPaddingOnEitherSide() {
    int[] alone = Arrays.copyOf(second, 5);
    float[] expected = Runs.logits(model, alone, AdapterChoice.base());
    for (int left : new int[] {0, 2, 3}) {
      long[] row = new long[8];
      long[] mask = new long[8];
      for (int i = 0; i < alone.length; i++) {
        row[left + i] = alone[i];
        mask[left + i] = 1;
      }
      NDArray logits =
          forward(
                  new DecoderBlock(model),
                  scope.create(row, new Shape(1, 8)),
                  scope.create(mask, new Shape(1, 8)))
              .singletonOrThrow();
      int vocab = model.vocabSize();
      float[] found =
          Arrays.copyOfRange(logits.toFloatArray(), left * vocab, (left + alone.length) * vocab);
      assertThat(Differences.max(found, expected)).as("left %d", left).isLessThanOrEqualTo(1e-4);
    }
  }

  @Test
  void cachedStepsEqualTheWhole() {
    DecoderBlock block = cached();
    NDArray whole = forward(block, ids()).get(0);
    NDList step = forward(block, ids().get(":, :9"));
    NDArray keys = step.get(1);
    float[] before = keys.toFloatArray();
    for (int next = 9; next < Golden.LENGTH; next += 3) {
      NDList inputs = new NDList(ids().get(":, {}:{}", next, next + 3));
      inputs.add(scope.ones(new Shape(Golden.ROWS, next + 3), DataType.INT64));
      inputs.addAll(step.subNDList(1));
      step = forward(block, inputs.toArray(new NDArray[0]));
      float[] expected = whole.get(":, {}:{}", next, next + 3).toFloatArray();
      assertThat(Differences.max(step.get(0).toFloatArray(), expected)).isLessThanOrEqualTo(1e-4);
    }
    assertThat(keys.toFloatArray()).containsExactly(before);
  }

  @Test
  void outputShapesAreAsAnnounced() {
    DecoderBlock block = cached();
    NDList step = forward(block, ids());
    assertThat(step.getShapes())
        .isEqualTo(block.getOutputShapes(new Shape[] {new Shape(Golden.ROWS, Golden.LENGTH)}));
    NDList inputs = new NDList(ids().get(":, :1"));
    inputs.add(scope.ones(new Shape(Golden.ROWS, Golden.LENGTH + 1)));
    inputs.addAll(step.subNDList(1));
    assertThat(forward(block, inputs.toArray(new NDArray[0])).getShapes())
        .isEqualTo(block.getOutputShapes(inputs.getShapes()));
    assertThat(new DecoderBlock(model).getOutputShapes(new Shape[] {new Shape(3, 7)}))
        .containsExactly(new Shape(3, 7, model.vocabSize()));
  }

  @Test
  void keepsKeysInBf16() {
    try (BaseModel bf16 = BaseModel.load(GOLDEN.directory(), ComputeType.BF16)) {
      DecoderBlock block = new DecoderBlock(bf16, AdapterChoice.base(), true);
      float[] whole = forward(block, ids()).get(0).get(":, -1").toFloatArray();
      NDList step = forward(block, ids().get(":, :23"));
      NDList inputs = new NDList(ids().get(":, 23:"));
      inputs.add(scope.ones(new Shape(Golden.ROWS, Golden.LENGTH)));
      inputs.addAll(step.subNDList(1));
      float[] last = forward(block, inputs.toArray(new NDArray[0])).get(0).toFloatArray();
      assertThat(Differences.relative(last, whole)).isLessThanOrEqualTo(3e-2);
    }
  }

  @Test
  void hasNoParametersToTrain() {
    DecoderBlock block = new DecoderBlock(model);
    assertThat(block.getParameters()).isEmpty();
    assertThat(block.isInitialized()).isTrue();
    assertThatThrownBy(
            () -> block.forward(new ParameterStore(scope, false), new NDList(ids()), true))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("frozen");
  }

  @Test
  void refusesInputsThatMeanNothing() {
    DecoderBlock block = new DecoderBlock(model);
    NDArray ids = scope.create(new long[] {1, 2, 3}, new Shape(1, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, scope.create(new float[] {1}, new Shape(1, 1))))
        .withMessageContaining("i64 or i32 [batch, seq]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, scope.create(new long[] {1})))
        .withMessageContaining("[batch, seq]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, ids, scope.ones(new Shape(1, 4))))
        .withMessageContaining("cover past and new tokens, (1, 3)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, ids, scope.create(new float[] {1, 0, 1}, new Shape(1, 3))))
        .withMessageContaining("hides position 1 between tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, ids, scope.zeros(new Shape(1, 3))))
        .withMessageContaining("hides every token");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(block, ids, scope.ones(new Shape(1, 3)), ids))
        .withMessageContaining("create it with a cache");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(cached(), ids, scope.ones(new Shape(1, 3)), ids))
        .withMessageContaining("4 arrays, not 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(cached(), ids, scope.ones(new Shape(1, 3)), ids, ids, ids, ids))
        .withMessageContaining("key or value has the shape (1, 3)");
    assertThatThrownBy(() -> forward(cached(), scope.zeros(new Shape(1, 257), DataType.INT64)))
        .isInstanceOf(ContextLengthException.class);
  }

  @Test
  void runsInADjlPredictor() throws TranslateException {
    try (Model djl = Model.newInstance("decoder", "PyTorch")) {
      djl.setBlock(new DecoderBlock(model));
      try (Predictor<NDList, NDList> predictor = djl.newPredictor(new NoopTranslator())) {
        NDList result = predictor.predict(new NDList(ids()));
        assertThat(Differences.max(result.get(0).toFloatArray(), golden("base_logits")))
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void decodesUnderDjlsOwnTextGeneration() throws TranslateException {
    try (Model djl = Model.newInstance("decoder", "PyTorch")) {
      djl.setBlock(cached());
      try (Predictor<NDList, CausalLMOutput> predictor = djl.newPredictor(new WithoutPositions())) {
        SearchConfig config = new SearchConfig();
        config.setMaxSeqLength(8 + 16);
        long[] row = Arrays.stream(first, 0, 8).asLongStream().toArray();
        NDArray prompt = scope.create(row, new Shape(1, 8));
        long[] tokens =
            new TextGenerator(predictor, "greedy", config).generate(prompt).toLongArray();
        assertThat(Arrays.copyOfRange(tokens, 8, 24)).containsExactly(golden16());
      }
    }
  }

  private static long[] golden16() {
    return GOLDEN.longs("lora_greedy");
  }

  /** DJL passes token ids, position ids and mask; the block counts positions by the mask. */
  private static final class WithoutPositions
      implements NoBatchifyTranslator<NDList, CausalLMOutput> {

    @Override
    public NDList processInput(TranslatorContext context, NDList input) {
      NDList result = new NDList(input.get(0), input.get(2));
      return result.addAll(input.subNDList(3));
    }

    @Override
    public CausalLMOutput processOutput(TranslatorContext context, NDList output) {
      return new CausalLMOutput(output.get(0), output.subNDList(1));
    }
  }

  @Test
  void adapterFromAPositionCountsThePast() {
    DecoderBlock block = new DecoderBlock(model, AdapterChoice.from(adapter, 6), true);
    float[] whole = forward(block, ids()).get(0).get(":, -1").toFloatArray();
    NDList step = forward(block, ids().get(":, :4"));
    NDList inputs = new NDList(ids().get(":, 4:"));
    inputs.add(scope.ones(new Shape(Golden.ROWS, Golden.LENGTH)));
    inputs.addAll(step.subNDList(1));
    float[] last =
        forward(block, inputs.toArray(new NDArray[0])).get(0).get(":, -1").toFloatArray();
    assertThat(Differences.max(last, whole)).isLessThanOrEqualTo(1e-4);
  }
}
