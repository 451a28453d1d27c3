package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.signing.FolderSignature;
import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.PromptSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A change of a mixture that its number determines, whichever process makes it, so that the number
 * of the last one tells all that the mixture must hold ({@link Expected}). The number lies in the
 * mixture's own settings, hence in the file that commits it.
 *
 * @param number from 1
 * @param kind what it does
 * @param domain to which
 */
record Change(int number, Kind kind, String domain) {

  /** What a change does. */
  enum Kind {
    ADD,
    REPLACE,
    REMOVE,
    ACTIVATE,
    ROLLBACK,
    SIGN,
    PAIR
  }

  static final List<String> DOMAINS = List.of("alpha", "beta", "gamma");
  private static final String NUMBER = "change";

  /** Returns the change of a number in a mixture that holds what is expected before it. */
  static Change of(int number, Expected before) {
    SplittableRandom random = new SplittableRandom(number * 0x9E3779B97F4A7C15L);
    String domain = DOMAINS.get(random.nextInt(DOMAINS.size()));
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    if (!before.has(domain)) {
      kind = kind == Kind.PAIR ? Kind.PAIR : Kind.ADD;
    } else if (kind == Kind.ADD
        || ((kind == Kind.ACTIVATE || kind == Kind.ROLLBACK) && !before.keeps(domain))) {
      kind = Kind.REPLACE;
    }
    return new Change(number, kind, domain);
  }

  /** Returns the number of the last change of a mixture; 0 if there was none. */
  static int last(MixtureState state) {
    return state.prompts().variables().get(NUMBER) instanceof Integer number ? number : 0;
  }

  /**
   * Makes it.
   *
   * @param mostBytes of each file of a version
   */
  void apply(MixtureDirectory mixture, MixtureChange change, int mostBytes) {
    switch (kind) {
      case ADD -> change.addDomain(domain, SealedFolder.labelled(label(), mostBytes));
      case REPLACE -> change.replaceDomain(domain, SealedFolder.labelled(label(), mostBytes));
      case REMOVE -> change.removeDomain(domain);
      case ACTIVATE -> change.activate(domain, oldestKept(mixture));
      case ROLLBACK -> change.activate(domain, mixture.previousVersion(domain).orElseThrow());
      case SIGN -> signAll(change);
      case PAIR -> {
        for (String name : DOMAINS.subList(0, 2)) {
          if (change.state().domains().containsKey(name)) {
            change.replaceDomain(name, SealedFolder.labelled(label(), mostBytes));
          } else {
            change.addDomain(name, SealedFolder.labelled(label(), mostBytes));
          }
        }
        change.setRouter(SealedFolder.labelled(label(), mostBytes));
      }
    }
    change.setPrompts(new PromptSettings(Map.of(NUMBER, number), Optional.empty()));
  }

  String label() {
    return Integer.toString(number);
  }

  private int oldestKept(MixtureDirectory mixture) {
    return mixture.versions(domain).stream()
        .filter(version -> !version.active())
        .map(AdapterVersion::version)
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Commits a copy of everything, as it is done to sign a mixture that was not. */
  private static void signAll(MixtureChange change) {
    MixtureState state = change.state();
    for (String name : state.domains().keySet()) {
      Path old = state.adapterDirectory(name);
      change.replaceDomain(name, folder -> copy(old, folder));
    }
    state.routerDirectory().ifPresent(old -> change.setRouter(folder -> copy(old, folder)));
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.skip(1).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectory(target);
        } else if (!file.getFileName().toString().equals(FolderSignature.FILE)) {
          DurableFiles.copy(file, target, MoaException::new);
        }
      }
    } catch (IOException e) {
      throw new MoaException("Cannot copy " + from + ": " + e.getMessage(), e);
    }
  }
}
