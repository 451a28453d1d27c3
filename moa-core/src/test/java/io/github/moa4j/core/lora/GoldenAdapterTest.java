package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    assertThat(adapter.config().targetModules()).containsExactlyElementsOf(modules(name));
    assertThat(adapter.rank(1, TargetModule.DOWN_PROJ)).isEqualTo(4);
    assertThat(adapter.rank(2, TargetModule.DOWN_PROJ)).isZero();
  }

  @Test
  void readsAndWritesAnAdapterOfFusedMaps(@TempDir Path folder) {
    LoraAdapter adapter = PeftFormat.read(GOLDEN.resolve("phi3-fused").resolve("adapter"));
    assertThat(adapter.config().targetModules()).containsExactlyElementsOf(modules("phi3-fused"));
    PeftFormat.write(adapter, folder);
    LoraAdapter again = PeftFormat.read(folder);
    assertThat(again.sha256()).isEqualTo(adapter.sha256());
    assertThat(again.config()).isEqualTo(adapter.config());

    try (Checkpoint fused = Checkpoint.open(GOLDEN.resolve("phi3-fused"));
        Checkpoint llama = Checkpoint.open(GOLDEN.resolve("llama-gqa"))) {
      again.checkFits(fused.config());
      assertThatThrownBy(() -> again.checkFits(llama.config()))
          .isInstanceOf(AdapterException.class)
          .hasMessageContainingAll("proj", "the maps of a layer are", "q_proj");
    }
  }

  /** What a configuration names is adapted as the base has it: apart, or several maps in one. */
  @Test
  void newAdaptersHaveTheMapsOfTheirBase() {
    LoraConfig wanted = LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ, TargetModule.UP_PROJ));
    assertThat(targets("phi3-fused", wanted))
        .containsExactly(TargetModule.QKV_PROJ, TargetModule.GATE_UP_PROJ);
    assertThat(targets("llama-gqa", wanted))
        .containsExactly(TargetModule.Q_PROJ, TargetModule.UP_PROJ);
    LoraConfig fused = LoraConfig.of(2, 4, Set.of(TargetModule.QKV_PROJ));
    assertThat(targets("llama-gqa", fused))
        .containsExactly(TargetModule.Q_PROJ, TargetModule.K_PROJ, TargetModule.V_PROJ);
    LoraConfig all = LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class));
    for (String name : List.of("llama-gqa", "phi3-fused", "mixtral-top2", "qwen3moe-top2")) {
      assertThat(targets(name, all)).as(name).containsExactlyElementsOf(modules(name));
    }
  }

  private static List<TargetModule> modules(String golden) {
    try (Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve(golden))) {
      return TargetModule.of(checkpoint.config());
    }
  }

  private static Set<TargetModule> targets(String golden, LoraConfig wanted) {
    try (Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve(golden))) {
      return LoraInitialization.random(checkpoint.config(), wanted, 1).config().targetModules();
    }
  }
}
