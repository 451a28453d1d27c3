package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a mixture holds after so many changes, worked out in memory: labels in place of files. Grows
 * by one change at a time. Not thread-safe.
 */
final class Expected {

  private static final int KEPT = 3; // as in a new mixture

  /** An adapter's version: what it is labelled with, and which of its domain came before which. */
  private record Version(String label, int order) {}

  private final Map<String, Version> active = new TreeMap<>();
  private final Map<String, List<Version>> kept = new TreeMap<>(); // active longest ago first
  private String router = "";
  private int changes;
  private int order;

  /** Goes on to a later change; does nothing if it is there already. */
  Expected after(int number) {
    while (changes < number) {
      apply(Change.of(changes + 1, this));
      changes++;
    }
    return this;
  }

  /** Returns the change that comes next. */
  Change next() {
    return Change.of(changes + 1, this);
  }

  boolean has(String domain) {
    return active.containsKey(domain);
  }

  boolean keeps(String domain) {
    return !kept.getOrDefault(domain, List.of()).isEmpty();
  }

  private void apply(Change change) {
    String domain = change.domain();
    switch (change.kind()) {
      case ADD, REPLACE -> put(domain, change.label());
      case REMOVE -> {
        active.remove(domain);
        kept.remove(domain);
      }
      case ACTIVATE ->
          activate(
              domain,
              kept.get(domain).stream().min(Comparator.comparingInt(Version::order)).orElseThrow());
      case ROLLBACK -> activate(domain, kept.get(domain).get(kept.get(domain).size() - 1));
      case SIGN ->
          List.copyOf(active.keySet()).forEach(name -> put(name, active.get(name).label()));
      case PAIR -> {
        Change.DOMAINS.subList(0, 2).forEach(name -> put(name, change.label()));
        router = change.label();
      }
    }
  }

  private void put(String domain, String label) {
    Version old = active.put(domain, new Version(label, ++order));
    if (old != null) {
      keep(domain, old);
    }
  }

  private void activate(String domain, Version version) {
    kept.get(domain).remove(version);
    keep(domain, active.put(domain, version));
  }

  private void keep(String domain, Version version) {
    List<Version> versions = kept.computeIfAbsent(domain, unseen -> new ArrayList<>());
    versions.add(version);
    if (versions.size() > KEPT) {
      versions.remove(0);
    }
  }

  /** Returns the label of every active adapter by domain, and of the router. */
  Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    active.forEach((domain, version) -> labels.put(domain, version.label()));
    if (!router.isEmpty()) {
      labels.put("router", router);
    }
    return labels;
  }

  /** Returns the labels of the versions kept of a domain, the first that was written first. */
  List<String> keptLabels(String domain) {
    return kept.getOrDefault(domain, List.of()).stream()
        .sorted(Comparator.comparingInt(Version::order))
        .map(Version::label)
        .toList();
  }

  /** Reads the labels of a state's folders, each checked to be whole, and signed if asked. */
  static Map<String, String> labels(MixtureDirectory mixture, MixtureState state) {
    Map<String, String> labels = new TreeMap<>();
    state
        .domains()
        .forEach(
            (name, domain) ->
                labels.put(
                    name, mixture.readAdapter(name, domain.version(), SealedFolder::labelOf)));
    state
        .routerVersion()
        .ifPresent(
            version -> labels.put("router", mixture.readRouter(version, SealedFolder::labelOf)));
    return labels;
  }

  /** Reads the labels of the versions kept of a domain, the lowest number first. */
  static List<String> keptLabels(MixtureDirectory mixture, String domain) {
    return mixture.versions(domain).stream()
        .filter(version -> !version.active())
        .map(AdapterVersion::version)
        .sorted()
        .map(version -> mixture.readAdapter(domain, version, SealedFolder::labelOf))
        .toList();
  }
}
