package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.Checkpoint;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenAdapterTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa", "qwen2-tied", "qwen3-qknorm", "llama3-rope"})
  void readsAdapterThatFitsItsBase(String name) {
    LoraAdapter adapter = PeftFormat.read(GOLDEN.resolve(name).resolve("adapter"));

    try (Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve(name))) {
      adapter.checkFits(checkpoint.config());
      assertThat(checkpoint.fingerprint()).matches("[0-9a-f]{64}");
    }
    assertThat(adapter.config().scaling()).isEqualTo(2);
    assertThat(adapter.config().targetModules()).containsExactly(TargetModule.values());
    assertThat(adapter.rank(1, TargetModule.DOWN_PROJ)).isEqualTo(4);
    assertThat(adapter.rank(2, TargetModule.DOWN_PROJ)).isZero();
  }
}
