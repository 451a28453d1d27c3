package io.github.moa4j.core.registry;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.provenance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.files.FaultyDisk;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.EngineFreeWeights;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterRegistryTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path ADAPTER = GOLDEN.resolve("llama-gqa/adapter");
  private static final long SIZE = 4000;

  private final ModelConfig model = ModelConfig.read(GOLDEN.resolve("llama-gqa/config.json"));
  private final LoraAdapter adapter = PeftFormat.read(ADAPTER);
  private final LoraAdapter misfit = PeftFormat.read(misfitDirectory());
  private final AtomicInteger loads = new AtomicInteger();
  private final AdapterRegistry registry = registryOf(Long.MAX_VALUE);

  @TempDir Path folder;
  private MixtureDirectory mixture;

  @BeforeEach
  void createMixture() {
    mixture = MixtureDirectory.create(folder.resolve("mixture"), BASE);
    mixture.keepVersions(0);
  }

  private AdapterRegistry registryOf(long budget) {
    return new AdapterRegistry(BASE, model, budget, adapter -> SIZE, this::load);
  }

  private AppliedLora load(LoraAdapter loaded) {
    assertThat(loaded.config()).isNotNull();
    loads.incrementAndGet();
    return new EngineFreeWeights(SIZE);
  }

  /** An adapter of a model with another shape. */
  private static Path misfitDirectory() {
    return GOLDEN.resolve("qwen3-qknorm/adapter");
  }

  private static Consumer<Path> copyOf(Path source, String baseFingerprint) {
    return target -> {
      try {
        for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
          Files.copy(source.resolve(file), target.resolve(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      provenance(baseFingerprint).write(target);
    };
  }

  @Test
  void lendsAnAdapterWithItsConfiguration() {
    registry.add("sql", AdapterSource.of(adapter, BASE));
    assertThat(loads).hasValue(0);

    try (AdapterLease lease = registry.acquire("sql")) {
      assertThat(lease.domain()).isEqualTo("sql");
      assertThat(lease.version()).isEqualTo(1);
      assertThat(lease.config()).isEqualTo(adapter.config());
      assertThat(lease.weights().sizeInBytes()).isEqualTo(SIZE);
      assertThat(registry.residentBytes()).isEqualTo(SIZE);
    }
    registry.acquire("sql").close();
    assertThat(loads).hasValue(1);
  }

  @Test
  void letsARunningRequestKeepItsVersion() {
    registry.add("sql", AdapterSource.directory(ADAPTER));
    try (AdapterLease running = registry.acquire("sql")) {
      AppliedLora weights = running.weights();
      registry.replace("sql", AdapterSource.directory(ADAPTER));
      try (AdapterLease later = registry.acquire("sql")) {
        assertThat(later.version()).isEqualTo(2);
        assertThat(later.weights()).isNotSameAs(weights);
        registry.remove("sql");
        assertThat(running.version()).isEqualTo(1);
        assertThat(running.weights()).isSameAs(weights);
        assertThat(registry.residentBytes()).isEqualTo(2 * SIZE);
      }
    }
    assertThat(registry.residentBytes()).isZero();
    assertThatThrownBy(() -> registry.acquire("sql")).hasMessageContaining("no domain 'sql'");
  }

  @Test
  void evictsUnderTheMemoryBudgetAndLoadsAgain() {
    AdapterRegistry small = registryOf(SIZE);
    small.add("sql", AdapterSource.directory(ADAPTER));
    small.add("cron", AdapterSource.unverifiedLazy(() -> adapter));

    small.acquire("sql").close();
    small.acquire("cron").close();
    small.acquire("sql").close();

    assertThat(loads).hasValue(3);
    assertThat(small.residentBytes()).isEqualTo(SIZE);
    small.close();
    assertThat(small.residentBytes()).isZero();
  }

  @Test
  void refusesAdapterTrainedOnAnotherBase() {
    assertThatThrownBy(() -> registry.add("sql", AdapterSource.of(adapter, "other-base")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'")
        .hasMessageContaining("other-base")
        .hasMessageContaining(BASE);
    assertThat(registry.domains()).isEmpty();
  }

  @Test
  void refusesAdapterThatDoesNotFit() {
    assertThatThrownBy(() -> registry.add("sql", AdapterSource.unverified(misfit)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'")
        .hasMessageContaining("does not fit the base model");

    registry.add("lazy", AdapterSource.directory(misfitDirectory()));
    assertThatThrownBy(() -> registry.acquire("lazy"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'lazy'")
        .hasMessageContaining("does not fit the base model");
    assertThat(loads).hasValue(0);
  }

  @Test
  void keepsTheOldVersionWhenTheNewOneCannotBeUsed() {
    registry.add("sql", AdapterSource.directory(ADAPTER));

    assertThatThrownBy(() -> registry.replace("sql", AdapterSource.directory(misfitDirectory())))
        .isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> registry.replace("sql", AdapterSource.directory(folder)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'");

    try (AdapterLease lease = registry.acquire("sql")) {
      assertThat(lease.version()).isEqualTo(1);
    }
  }

  @Test
  void refusesUnknownAndDoubleDomains() {
    registry.add("sql", AdapterSource.unverified(adapter));

    assertThatThrownBy(() -> registry.add("sql", AdapterSource.unverified(adapter)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("already");
    assertThatThrownBy(() -> registry.remove("sq"))
        .isInstanceOf(AdapterException.class)
        .hasMessage("There is no domain 'sq'; did you mean 'sql'? Known domains: sql.");
    assertThatThrownBy(() -> registry.replace("cron", AdapterSource.unverified(adapter)))
        .isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> registry.version("cron")).isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> registry.add("../x", AdapterSource.unverified(adapter)))
        .isInstanceOf(AdapterException.class);
  }

  @Test
  void takesOverWhatAnotherProcessChangedInTheMixture() {
    mixture.addDomain("sql", copyOf(ADAPTER, BASE));
    mixture.addDomain("cron", copyOf(ADAPTER, BASE));
    registry.add("mine", AdapterSource.unverified(adapter));
    registry.sync(mixture);
    assertThat(registry.domains()).containsExactlyInAnyOrder("mine", "sql", "cron");
    try (AdapterLease running = registry.acquire("sql")) {
      mixture.commit(
          change -> {
            change.replaceDomain("sql", copyOf(ADAPTER, BASE));
            change.removeDomain("cron");
            change.addDomain("shell", copyOf(ADAPTER, BASE));
          });

      MixtureState state = registry.sync(MixtureDirectory.open(mixture.directory()));

      assertThat(state).isEqualTo(mixture.state());
      assertThat(running.version()).isEqualTo(1);
      assertThat(registry.version("sql")).isEqualTo(2);
      assertThat(registry.domains()).containsExactlyInAnyOrder("mine", "sql", "shell");
    }
  }

  @Test
  void keepsAllOtherDomainsUpToDateWhenOneCannotBeUsed() {
    mixture.addDomain("sql", copyOf(ADAPTER, BASE));
    registry.sync(mixture);
    mixture.replaceDomain("sql", copyOf(misfitDirectory(), BASE));
    mixture.addDomain("cron", copyOf(ADAPTER, BASE));

    assertThatThrownBy(() -> registry.sync(mixture))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'");

    assertThat(registry.version("sql")).isEqualTo(1);
    registry.acquire("sql").close();
    registry.acquire("cron").close();
  }

  @Test
  void refusesOnlyTheNewDomainsThatCannotBeUsedUntilTheyAreReplaced() throws IOException {
    for (String domain : new String[] {"foreign", "damaged", "sql"}) {
      mixture.addDomain(domain, copyOf(ADAPTER, BASE));
    }
    provenance("other-base").write(mixture.adapterDirectory("foreign"));
    Files.writeString(mixture.adapterDirectory("damaged").resolve(Provenance.FILE), "{");

    assertThatThrownBy(() -> registry.sync(mixture))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'foreign' was trained on the base other-base")
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed())
                    .singleElement()
                    .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                    .hasMessageContaining("'damaged'")
                    .hasMessageContaining(Provenance.FILE));

    registry.acquire("sql").close();
    assertThat(registry.domains()).containsExactlyInAnyOrder("foreign", "damaged", "sql");
    for (int request = 0; request < 2; request++) {
      assertThatThrownBy(() -> registry.acquire("foreign"))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("other-base");
      assertThatThrownBy(() -> registry.acquire("damaged"))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining(Provenance.FILE);
    }
    mixture.replaceDomain("foreign", copyOf(ADAPTER, BASE));
    registry.sync(mixture);
    try (AdapterLease lease = registry.acquire("foreign")) {
      assertThat(lease.version()).isEqualTo(2);
    }
  }

  @Test
  void servesANewDomainAsSoonAsItCanBeRead() throws IOException {
    mixture.addDomain("sql", copyOf(ADAPTER, BASE));
    Path provenance = mixture.adapterDirectory("sql").resolve(Provenance.FILE);
    String whole = Files.readString(provenance);
    Files.writeString(provenance, "{");
    assertThatThrownBy(() -> registry.sync(mixture)).isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> registry.acquire("sql")).hasMessageContaining(Provenance.FILE);

    Files.writeString(provenance, whole);
    registry.acquire("sql").close();
  }

  @Test
  void takesOverALargeMixtureWithoutLookingAtItsAdapters() {
    mixture = MixtureDirectory.create(FaultyDisk.sound(folder.resolve("large")), BASE);
    mixture.commit(
        change -> {
          for (int i = 0; i < 101; i++) {
            change.addDomain("domain" + i, copyOf(ADAPTER, BASE));
          }
        });
    provenance("other-base").write(mixture.adapterDirectory("domain5"));
    FaultyDisk.touched(mixture.directory());

    registry.sync(mixture);
    assertThat(FaultyDisk.touched(mixture.directory())).containsExactly("moa.json");
    assertThat(registry.contains("domain100")).isTrue();
    assertThat(registry.contains("domain101")).isFalse();
    registry.acquire("domain7").close();
    assertThatThrownBy(() -> registry.acquire("domain5"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'domain5' was trained on the base other-base");
    FaultyDisk.touched(mixture.directory());

    mixture.commit(
        change -> {
          change.replaceDomain("domain7", copyOf(ADAPTER, BASE));
          change.addDomain("new", copyOf(ADAPTER, BASE));
        });
    registry.sync(mixture);
    assertThat(FaultyDisk.touched(mixture.directory()))
        .contains("adapters/domain7/v0002/adapter_model.safetensors", "adapters/new/v0001")
        .noneMatch(path -> path.matches("adapters/(?!domain7|new).*"));
    assertThat(registry.version("domain7")).isEqualTo(2);
  }

  @Test
  void goesOnWithTheNewVersionWhenTheFilesOfTheOldOneAreGone() {
    mixture.addDomain("sql", copyOf(ADAPTER, BASE));
    registry.sync(mixture);
    mixture.replaceDomain("sql", copyOf(ADAPTER, BASE));
    mixture.removeRetired();

    try (AdapterLease lease = registry.acquire("sql")) {
      assertThat(lease.version()).isEqualTo(2);
    }

    mixture.addDomain("cron", copyOf(ADAPTER, BASE));
    registry.sync(mixture);
    mixture.removeDomain("cron");
    mixture.removeRetired();
    assertThatThrownBy(() -> registry.acquire("cron"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("no domain 'cron'");
  }

  @Test
  void refusesAMixtureOfAnotherBase() {
    MixtureDirectory other = MixtureDirectory.create(folder.resolve("other"), "other-base");

    assertThatThrownBy(() -> registry.sync(other))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("other-base");
  }

  @Test
  void lendsKeptVersionsBesideTheActiveOne() {
    mixture.keepVersions(3);
    mixture.addDomain("sql", copyOf(ADAPTER, BASE));
    mixture.replaceDomain("sql", copyOf(ADAPTER, BASE));
    registry.sync(mixture);

    try (AdapterLease active = registry.acquire("sql");
        AdapterLease old = registry.acquire("sql", 1);
        AdapterLease same = registry.acquire("sql", 2)) {
      assertThat(active.version()).isEqualTo(2);
      assertThat(old.version()).isEqualTo(1);
      assertThat(old.domain()).isEqualTo("sql");
      assertThat(same.weights()).isSameAs(active.weights());
      assertThat(registry.domains()).containsExactly("sql");
      assertThat(registry.residentBytes()).isEqualTo(2 * SIZE);
      mixture.activate("sql", 1);
      registry.sync(mixture);
      assertThat(registry.version("sql")).isEqualTo(1);
      assertThat(old.weights().sizeInBytes()).isEqualTo(SIZE);
    }
    mixture.keepVersions(0);
    registry.sync(mixture);
    assertThat(registry.residentBytes()).isEqualTo(SIZE);
    assertThatThrownBy(() -> registry.acquire("sql", 2))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("Version 2 of domain 'sql' is not kept");
    assertThatThrownBy(() -> registry.acquire("cron", 1))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("Known domains: sql.");
  }
}
