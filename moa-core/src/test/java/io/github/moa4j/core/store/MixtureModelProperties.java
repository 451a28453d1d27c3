package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static io.github.moa4j.core.store.SampleVersions.namedFolders;
import static io.github.moa4j.core.store.SampleVersions.versionFolders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random sequences of changes do to a mixture on disk what they do to a map in memory. */
class MixtureModelProperties {

  enum Kind {
    ADD,
    REPLACE,
    REMOVE,
    ROUTER,
    ADD_WITH_ROUTER,
    FAILING_COMMIT,
    DYING_WRITER,
    UNMENTIONED,
    REMOVE_UNLISTED,
    REOPEN,
    CLEAN
  }

  record Action(Kind kind, String domain) {}

  /** The simple thing that a mixture must equal. */
  private static final class Model {
    final Map<String, String> labels = new TreeMap<>();
    final Map<String, Integer> versions = new TreeMap<>();
    final Map<String, Integer> taken = new TreeMap<>(); // of a domain or of "router"
    final Set<Path> unlisted = new TreeSet<>();

    void put(String name, String label) {
      labels.put(name, label);
      versions.put(name, taken.merge(name, 1, Integer::sum));
    }

    void remove(String name) {
      labels.remove(name);
      versions.remove(name);
    }
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    Arbitrary<String> domains = Arbitraries.of("a", "b-2", "_");
    return Combinators.combine(Arbitraries.of(Kind.class), domains)
        .as(Action::new)
        .list()
        .ofMaxSize(12);
  }

  @Property(tries = 30)
  void behavesAsAMapInMemory(@ForAll("actions") List<Action> actions) throws IOException {
    Path root = Files.createTempDirectory("mixture");
    try {
      MixtureDirectory mixture = MixtureDirectory.create(root, BASE);
      mixture.keepVersions(0);
      Model model = new Model();
      int step = 0;
      for (Action action : actions) {
        apply(mixture, model, action, "step " + step++);
        MixtureState state = mixture.state();
        assertThat(labels(state)).isEqualTo(model.labels);
        assertThat(versions(state)).isEqualTo(model.versions);
        assertThat(mixture.unlisted())
            .extracting(UnlistedVersion::directory)
            .containsExactlyInAnyOrderElementsOf(model.unlisted);
      }
      mixture.removeUnlisted(mixture.unlisted());
      mixture.removeRetired();
      assertThat(versionFolders(root)).isEqualTo(namedFolders(mixture.state()));
      assertThat(labels(MixtureDirectory.open(root).state())).isEqualTo(model.labels);
    } finally {
      DurableFiles.deleteTree(root);
    }
  }

  private static Map<String, Integer> versions(MixtureState state) {
    Map<String, Integer> versions = new TreeMap<>();
    state.domains().forEach((name, domain) -> versions.put(name, domain.version()));
    state.routerVersion().ifPresent(version -> versions.put("router", version));
    return versions;
  }

  private static void apply(MixtureDirectory mixture, Model model, Action action, String label)
      throws IOException {
    String domain = action.domain();
    boolean exists = model.labels.containsKey(domain);
    switch (action.kind()) {
      case ADD -> {
        if (exists) {
          refuses(() -> mixture.addDomain(domain, labelled(label)));
        } else {
          mixture.addDomain(domain, labelled(label));
          model.put(domain, label);
        }
      }
      case REPLACE -> {
        if (exists) {
          mixture.replaceDomain(domain, labelled(label));
          model.put(domain, label);
        } else {
          refuses(() -> mixture.replaceDomain(domain, labelled(label)));
        }
      }
      case REMOVE -> {
        if (exists) {
          mixture.removeDomain(domain);
          model.remove(domain);
        } else {
          refuses(() -> mixture.removeDomain(domain));
        }
      }
      case ROUTER -> {
        mixture.setRouter(labelled(label));
        model.put("router", label);
      }
      case ADD_WITH_ROUTER -> {
        if (exists) {
          return;
        }
        mixture.commit(
            change -> {
              change.addDomain(domain, labelled(label));
              change.setRouter(labelled(label));
            });
        model.put(domain, label);
        model.put("router", label);
      }
      case FAILING_COMMIT -> {
        assertThatThrownBy(
                () ->
                    mixture.commit(
                        change -> {
                          change.setRouter(labelled(label));
                          throw new IllegalStateException("failed");
                        }))
            .hasMessage("failed");
        model.taken.merge("router", 1, Integer::sum);
      }
      case DYING_WRITER -> {
        int version = model.taken.merge(domain, 1, Integer::sum);
        Path folder = VersionFolder.adapter(domain, version).writingUnder(mixture.directory());
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("adapter_config.json"), "{");
        MixtureDirectory.open(mixture.directory());
        assertThat(folder).doesNotExist();
      }
      case UNMENTIONED -> {
        int version = model.taken.merge(domain, 1, Integer::sum);
        Path folder = VersionFolder.adapter(domain, version).under(mixture.directory());
        Files.createDirectories(folder);
        labelled(label).accept(folder);
        model.unlisted.add(folder);
      }
      case REMOVE_UNLISTED -> {
        mixture.removeUnlisted(mixture.unlisted());
        model.unlisted.clear();
      }
      case REOPEN -> MixtureDirectory.open(mixture.directory());
      case CLEAN -> mixture.removeRetired();
    }
  }

  private static void refuses(Runnable change) {
    assertThatThrownBy(change::run).isInstanceOf(AdapterException.class);
  }
}
