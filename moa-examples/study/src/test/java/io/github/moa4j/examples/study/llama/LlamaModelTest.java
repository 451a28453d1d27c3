package io.github.moa4j.examples.study.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.gguf.TensorType;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LlamaModelTest {

  @TempDir private Path directory;

  @Test
  void computesTheLogitsOfTheConvertedCheckpoint() throws Exception {
    Path base = EmbeddedBase.extractTo(directory);

    Map<String, Double> distances =
        ChildJvm.run(List.of(), LogitDistances.class, List.of(base.toString()));

    assertThat(distances.get(TensorType.F32.name())).isLessThan(0.003);
    assertThat(distances.get(TensorType.BF16.name())).isLessThan(0.02);
    assertThat(distances.get(TensorType.Q8_0.name())).isLessThan(0.03);
    assertThat(distances.get(TensorType.Q4_0.name())).isLessThan(0.3);
  }
}
