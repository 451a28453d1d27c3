package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An embedding that is also the head lies in memory once, whatever the size of its vocabulary. */
final class PackedRowsTest {

  private static final ScriptSource SOURCE =
      ScriptSource.of(DecoderKernel.class, "decoder.torchscript")
          .and(ScriptSource.of(PackedRowsTest.class, "packed_rows.torchscript"));

  @ParameterizedTest
  @CsvSource({"512, 64", "500, 48", "310, 64", "64, 32", "65, 32", "1, 64", "360, 56", "64, 7"})
  void readsEveryRowOrSaysThatItCannot(int rows, int columns) {
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = load(manager)) {
      NDArray plain = random(script, manager, rows, columns);
      NDArray packed = script.runWithAutograd(manager, "packed", plain).get(0);
      Optional<NDArray> found = PackedRows.of(script, manager, packed, plain, Short.BYTES);
      found.ifPresent(
          blocks -> {
            NDArray ids = manager.arange(0, rows).toType(DataType.INT64, true);
            assertThat(script.run(manager, "differences", blocks, plain, ids).get(0).getLong())
                .isZero();
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"512, 64", "500, 48", "310, 128", "65, 32", "1, 64", "360, 56", "64, 7"})
  void readsEveryRowOfInt8OrSaysThatItCannot(int rows, int columns) {
    assumeThat(ProcessorFeatures.multipliesInt8()).isTrue();
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = load(manager)) {
      NDArray plain = randomInt8(manager, rows, columns);
      Optional<NDArray> found = int8Rows(script, manager, plain);
      found.ifPresent(
          blocks -> {
            NDArray ids = manager.arange(0, rows).toType(DataType.INT64, true);
            assertThat(script.run(manager, "differences", blocks, plain, ids).get(0).getLong())
                .isZero();
          });
    }
  }

  @Test
  void readsThePackedRowsOfInt8WhereTheProcessorMultipliesIt() {
    assumeThat(ProcessorFeatures.multipliesInt8()).isTrue();
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = load(manager)) {
      assertThat(int8Rows(script, manager, randomInt8(manager, 1000, 128))).isPresent();
    }
  }

  private static Optional<NDArray> int8Rows(TorchScript script, NDManager manager, NDArray plain) {
    NDArray scale = manager.ones(new Shape(plain.getShape().get(0)));
    NDArray packed = script.runWithAutograd(manager, "packed_int8", plain, scale).get(0);
    return PackedRows.of(script, manager, packed, plain, Byte.BYTES);
  }

  private static NDArray randomInt8(NDManager manager, int rows, int columns) {
    NDArray values = manager.randomUniform(-127f, 127f, new Shape(rows, columns));
    return values.toType(DataType.INT8, true);
  }

  @Test
  void readsThePackedRowsWhereTheProcessorHasBf16() {
    assumeThat(WeightFormat.fastest()).isEqualTo(WeightFormat.BF16);
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = load(manager)) {
      NDArray plain = random(script, manager, 1000, 128);
      NDArray packed = script.runWithAutograd(manager, "packed", plain).get(0);
      assertThat(PackedRows.of(script, manager, packed, plain, Short.BYTES)).isPresent();
    }
  }

  @Test
  void doesNotTakeAnotherMatrixForTheOneThatWasPacked() {
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = load(manager)) {
      NDArray plain = random(script, manager, 512, 64);
      NDArray packed = script.runWithAutograd(manager, "packed", plain).get(0);
      NDArray other = random(script, manager, 512, 64);
      assertThat(PackedRows.of(script, manager, packed, other, Short.BYTES)).isEmpty();
    }
  }

  private static NDArray random(TorchScript script, NDManager manager, int rows, int columns) {
    NDArray values = manager.randomNormal(new Shape(rows, columns));
    return script.runWithAutograd(manager, "as_bf16", values).get(0);
  }

  private static TorchScript load(NDManager manager) {
    ModelConfig any = ModelConfig.read(Golden.LLAMA_GQA.directory().resolve("config.json"));
    return TorchScript.load(manager, SOURCE, DecoderAttributes.of(any, WeightFormat.BF16));
  }
}
