package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What answers it gives: {@code AdapterZooTest} and {@code FamiliesTest}. */
final class MergedCheckpointTest {

  private static final Path ZOO = TestModels.resource("/zoo/llama");
  private static final String ADAPTED = "model.layers.0.self_attn.q_proj.weight";

  @TempDir private Path folder;
  private Path base;
  private Path target;

  @BeforeEach
  void copyBase() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(ZOO.resolve("base").resolve(file), base.resolve(file));
    }
    target = folder.resolve("merged");
  }

  private static LoraAdapter adapter() {
    return PeftFormat.read(ZOO.resolve("plain"));
  }

  private void storeBaseAs(DataType dataType) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(ZOO.resolve("base/model.safetensors"))) {
      for (String name : file.names()) {
        float[] values = file.tensor(name).toFloatArray();
        tensors.put(name, HostTensor.rounded(dataType, values, file.shape(name)));
      }
    }
    SafetensorsWriter.write(base.resolve("model.safetensors"), tensors, Map.of());
  }

  @Test
  void keepsWhatTheAdapterLeavesAloneAndWhatLiesBesideTheWeights() throws IOException {
    Files.writeString(base.resolve("tokenizer.json"), "{}");
    Files.writeString(base.resolve("model.safetensors.index.json.bak"), "kept");
    Files.createDirectory(base.resolve("onnx"));
    MergedCheckpoint.write(base, adapter(), target);
    try (Checkpoint before = Checkpoint.open(base);
        Checkpoint after = Checkpoint.open(target)) {
      assertThat(after.names()).isEqualTo(before.names());
      assertThat(after.tensor("model.norm.weight")).isEqualTo(before.tensor("model.norm.weight"));
      assertThat(after.tensor(ADAPTED)).isNotEqualTo(before.tensor(ADAPTED));
      assertThat(after.fingerprint()).isNotEqualTo(before.fingerprint());
    }
    assertThat(target.resolve("config.json")).hasSameBinaryContentAs(base.resolve("config.json"));
    assertThat(target.resolve("tokenizer.json")).hasContent("{}");
    assertThat(target.resolve("onnx")).doesNotExist();
  }

  /** As the cache of the hub keeps a base. */
  @Test
  void copiesWhatLinksLeadTo() throws IOException {
    Path blob = folder.resolve("blob");
    Files.move(base.resolve("config.json"), blob);
    Files.createSymbolicLink(base.resolve("config.json"), blob);
    MergedCheckpoint.write(base, adapter(), target);
    assertThat(target.resolve("config.json")).hasSameBinaryContentAs(blob);
    assertThat(Files.isSymbolicLink(target.resolve("config.json"))).isFalse();
    Checkpoint.open(target).close();
  }

  @Test
  void roundsEachWeightOnceToTheTypeOfTheBase() {
    MergedCheckpoint.write(base, adapter(), target);
    float[] exact;
    try (Checkpoint whole = Checkpoint.open(target)) {
      exact = whole.tensor(ADAPTED).toFloatArray();
    }
    for (DataType type : new DataType[] {DataType.BF16, DataType.F16}) {
      storeBaseAs(type);
      Path low = folder.resolve(type.name());
      MergedCheckpoint.write(base, adapter(), low);
      try (Checkpoint merged = Checkpoint.open(low);
          Checkpoint before = Checkpoint.open(base)) {
        assertThat(merged.dataType(ADAPTED)).isEqualTo(type);
        float[] found = merged.tensor(ADAPTED).toFloatArray();
        float[] start = before.tensor(ADAPTED).toFloatArray();
        double share = type == DataType.BF16 ? 0x1p-8 : 0x1p-11;
        for (int i = 0; i < found.length; i++) {
          double allowed = share * (Math.abs(exact[i]) + Math.abs(start[i])) + 0x1p-24;
          assertThat(Math.abs(found[i] - exact[i])).isLessThanOrEqualTo((float) allowed);
        }
      }
    }
  }

  @Test
  void refusesWeightsThatTheTypeCannotHold() {
    storeBaseAs(DataType.F16);
    Map<String, HostTensor> huge = new LinkedHashMap<>(adapter().tensors());
    huge.replaceAll(
        (key, tensor) -> {
          float[] values = tensor.toFloatArray();
          for (int i = 0; i < values.length; i++) {
            values[i] *= 1e4f;
          }
          return HostTensor.of(values, tensor.shape());
        });
    LoraAdapter adapter = LoraAdapter.of(adapter().config(), huge);
    assertThatThrownBy(() -> MergedCheckpoint.write(base, adapter, target))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("F16 cannot hold", "f32 or bf16");
    assertThatThrownBy(() -> Checkpoint.open(target)).isInstanceOf(MoaException.class);
  }

  @Test
  void refusesADirectoryWithSomethingInIt() throws IOException {
    Files.createDirectory(target);
    Files.writeString(target.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> MergedCheckpoint.write(base, adapter(), target))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("is not empty");
    assertThatThrownBy(() -> MergedCheckpoint.write(base, adapter(), base))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("is not empty");
    assertThat(target.resolve("notes.txt")).hasContent("mine");
    assertThat(target.resolve("config.json")).doesNotExist();
  }

  @Test
  void refusesAnAdapterOfAnotherBase() {
    LoraAdapter other = PeftFormat.read(TestModels.resource("/golden/llama-gqa/adapter"));
    assertThatThrownBy(() -> MergedCheckpoint.write(base, other, target))
        .isInstanceOf(AdapterException.class);
    assertThat(target).doesNotExist();
  }
}
