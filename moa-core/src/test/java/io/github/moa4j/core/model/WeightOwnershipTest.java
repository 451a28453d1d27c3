package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the engine keeps is its own memory, not a view of a buffer that Java may free. */
final class WeightOwnershipTest {

  private static final Golden GOLDEN = Golden.LLAMA_GQA;
  private final int[] sequence = GOLDEN.sequences().get(0);

  @Test
  void modelAndAdapterOutliveTheBuffersTheyWereLoadedFrom() throws InterruptedException {
    try (BaseModel model = GOLDEN.load();
        AppliedLora adapter = model.load(GOLDEN.adapter())) {
      float[] before = Runs.logits(model, sequence, AdapterChoice.of(adapter));
      overwriteFreedMemory(model);
      assertThat(Runs.logits(model, sequence, AdapterChoice.of(adapter))).containsExactly(before);
    }
  }

  /** Collects garbage, then allocates and fills buffers of the sizes that were just freed. */
  private static void overwriteFreedMemory(BaseModel model) throws InterruptedException {
    int table = model.config().maxPositionEmbeddings() * model.config().headDim() * Float.BYTES;
    for (int round = 0; round < 3; round++) {
      System.gc();
      Thread.sleep(50);
      List<ByteBuffer> buffers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        for (int size : new int[] {table, 2048, 5632}) {
          ByteBuffer buffer = ByteBuffer.allocateDirect(size);
          while (buffer.hasRemaining()) {
            buffer.put((byte) 0x7F);
          }
          buffers.add(buffer);
        }
      }
      assertThat(buffers).isNotEmpty();
    }
  }

  @Test
  void fusedAdapterKeepsItsValuesWhenTheParametersMove() {
    try (BaseModel model = GOLDEN.load();
        TrainableLora parameters = Runs.decoder(model).trainable(GOLDEN.adapter());
        AppliedLora adapter = Runs.decoder(model).fuse(parameters)) {
      float[] before = Runs.logits(model, sequence, AdapterChoice.of(adapter));
      for (NDArray array : parameters.arrays()) {
        array.addi(1);
      }
      assertThat(Runs.logits(model, sequence, AdapterChoice.of(adapter))).containsExactly(before);
    }
  }
}
