package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.training.mixture.SeenData.How;
import io.github.moa4j.training.mixture.SeenData.Version;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeenDataTest {

  private static final String BASE = "base";
  private static final String FILE = "f".repeat(64);
  private static final String OTHER = "0".repeat(64);

  @TempDir private Path folder;
  private MixtureDirectory mixture;

  @BeforeEach
  void create() {
    mixture = MixtureDirectory.create(folder.resolve("mixture"), BASE);
  }

  private static LoraAdapter adapter(float value) {
    return LoraAdapter.of(
        LoraConfig.of(1, 2, Set.of(TargetModule.Q_PROJ)),
        Map.of(
            LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_A"),
                HostTensor.of(new float[] {value, 1}, 1, 2),
            LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_B"),
                HostTensor.of(new float[] {1, 1}, 2, 1)));
  }

  private static Consumer<Path> trained(LoraAdapter adapter, String file, String... parent) {
    return folder -> {
      PeftFormat.write(adapter, folder);
      new Provenance(
              BASE,
              List.of(new Provenance.DataFile("a.jsonl", file, 3)),
              Map.of(),
              1,
              Map.of(),
              Map.of(),
              List.of(parent).stream().findFirst())
          .write(folder);
    };
  }

  @Test
  void findsWhatWasTrainedOnItAndWhatStartedFromThat() {
    mixture.addDomain("later", trained(adapter(3), OTHER, adapter(2).sha256()));
    mixture.addDomain("next", trained(adapter(2), OTHER, adapter(1).sha256()));
    mixture.addDomain("first", trained(adapter(1), FILE));
    mixture.replaceDomain("first", trained(adapter(4), OTHER));
    mixture.addDomain("clean", trained(adapter(5), OTHER, adapter(4).sha256()));
    mixture.addDomain("stray", trained(adapter(6), OTHER, "a".repeat(64)));
    mixture.addDomain("foreign", path -> PeftFormat.write(adapter(7), path));

    assertThat(SeenData.of(mixture, FILE).versions())
        .containsExactly(
            new Version("later", 1, true, How.INHERITED),
            new Version("next", 1, true, How.INHERITED),
            new Version("first", 1, false, How.TRAINED),
            new Version("stray", 1, true, How.UNKNOWN),
            new Version("foreign", 1, true, How.UNKNOWN));
    assertThat(SeenData.of(mixture, FILE).certain()).hasSize(3);
    assertThatThrownBy(() -> SeenData.of(mixture, "F".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatStartedFromAnAdapterOfWhichNobodyKnowsIsNotKnownEither() {
    mixture.addDomain("third", trained(adapter(3), OTHER, adapter(2).sha256()));
    mixture.addDomain("second", trained(adapter(2), OTHER, adapter(1).sha256()));
    mixture.addDomain("foreign", path -> PeftFormat.write(adapter(1), path));
    mixture.addDomain("seen", trained(adapter(2), FILE, adapter(1).sha256()));

    assertThat(SeenData.of(mixture, FILE).versions())
        .containsExactly(
            new Version("third", 1, true, How.INHERITED),
            new Version("second", 1, true, How.UNKNOWN),
            new Version("foreign", 1, true, How.UNKNOWN),
            new Version("seen", 1, true, How.TRAINED));
    mixture.removeDomain("seen");
    assertThat(SeenData.of(mixture, FILE).versions())
        .containsExactly(
            new Version("third", 1, true, How.UNKNOWN),
            new Version("second", 1, true, How.UNKNOWN),
            new Version("foreign", 1, true, How.UNKNOWN));
  }

  @Test
  void dropsWhatHasSeenItAndLeavesTheRest() {
    mixture.addDomain("first", trained(adapter(1), FILE));
    mixture.addDomain("second", trained(adapter(1), FILE));
    mixture.replaceDomain("second", trained(adapter(4), OTHER));
    mixture.addDomain("clean", trained(adapter(5), OTHER));

    List<String> gone =
        SeenData.of(mixture, FILE)
            .drop(
                mixture,
                new MixtureRouters(LayerwiseRouterSettings.defaults(), RidgeSettings.defaults()));

    assertThat(gone).containsExactly("first");
    assertThat(mixture.state().domains().keySet()).containsExactly("second", "clean");
    assertThat(mixture.versions("second")).hasSize(1);
    assertThat(mixture.directory().resolve("adapters/first")).doesNotExist();
    assertThat(mixture.directory().resolve("adapters/second/v0001")).doesNotExist();
    assertThat(SeenData.of(mixture, FILE).versions()).isEmpty();
    assertThat(mixture.state().domain("clean").version()).isEqualTo(1);
  }
}
