package io.github.moa4j.core.registry;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.provenance;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.FaultyDisk;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** All kinds of places that adapters come from. */
final class AdapterStoresTest {

  /** Those that are given to the registry one by one. */
  abstract static class Sources extends AdapterStoreSuite {

    abstract AdapterSource source(Path directory);

    @Override
    void add(AdapterRegistry target, String domain) {
      target.add(domain, source(ADAPTER));
    }

    @Override
    void replace(AdapterRegistry target, String domain) {
      target.replace(domain, source(ADAPTER));
    }

    @Override
    void replaceByMisfit(AdapterRegistry target, String domain) {
      target.replace(domain, source(MISFIT));
    }

    @Override
    void remove(AdapterRegistry target, String domain) {
      target.remove(domain);
    }
  }

  @Nested
  final class InMemory extends Sources {
    @Override
    AdapterSource source(Path directory) {
      return AdapterSource.of(PeftFormat.read(directory), BASE);
    }
  }

  @Nested
  final class OfAnUnknownBase extends Sources {
    @Override
    AdapterSource source(Path directory) {
      return AdapterSource.unverified(PeftFormat.read(directory));
    }
  }

  @Nested
  final class Directory extends Sources {
    @Override
    AdapterSource source(Path directory) {
      return AdapterSource.directory(directory);
    }
  }

  @Nested
  final class Lazy extends Sources {
    @Override
    AdapterSource source(Path directory) {
      return AdapterSource.lazy(BASE, () -> PeftFormat.read(directory));
    }
  }

  /** A mixture on disk, which another process may have changed. */
  @Nested
  final class Mixture extends AdapterStoreSuite {

    @TempDir private Path folder;
    private MixtureDirectory mixture;

    @BeforeEach
    void createMixture() {
      mixture = MixtureDirectory.create(FaultyDisk.sound(folder.resolve("mixture")), BASE);
    }

    private void change(AdapterRegistry target, Runnable change) {
      change.run();
      target.sync(mixture);
    }

    private Consumer<Path> copyOf(Path adapter) {
      return version -> {
        for (String name : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
          DurableFiles.copy(adapter.resolve(name), version.resolve(name), AdapterException::new);
        }
        provenance(BASE).write(version);
      };
    }

    @Override
    void add(AdapterRegistry target, String domain) {
      change(target, () -> mixture.addDomain(domain, copyOf(ADAPTER)));
    }

    @Override
    void replace(AdapterRegistry target, String domain) {
      change(target, () -> mixture.replaceDomain(domain, copyOf(ADAPTER)));
    }

    @Override
    void replaceByMisfit(AdapterRegistry target, String domain) {
      change(target, () -> mixture.replaceDomain(domain, copyOf(MISFIT)));
    }

    @Override
    void remove(AdapterRegistry target, String domain) {
      change(target, () -> mixture.removeDomain(domain));
    }
  }
}
