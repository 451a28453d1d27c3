package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.MixtureOfLoras;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Replaces, rolls back, adds and removes adapters, and knows of what each version is made. */
final class ChangingAdapters {

  /** A domain that comes and goes; the others are always there. */
  static final String GUEST = "guest";

  private static final int KEPT = 3;
  private static final long PAUSE = 200; // ms

  private final MixtureDirectory directory;
  private final SyntheticMixture synthetic;
  private final Map<String, Integer> seeds = new ConcurrentHashMap<>(); // by domain and version
  private final AtomicInteger changes = new AtomicInteger();
  private final Random random = new Random(2);

  /** Gives every domain an adapter that is known. */
  ChangingAdapters(MixtureDirectory directory, SyntheticMixture synthetic) {
    this.directory = directory;
    this.synthetic = synthetic;
    directory.keepVersions(0); // none but those that are known can be activated again
    SyntheticMixture.domains(EnduranceRun.DOMAINS).forEach(this::replace);
    directory.keepVersions(KEPT);
  }

  int changes() {
    return changes.get();
  }

  /** Returns the place in {@link KnownAnswers#SEEDS} of what a version is made of. */
  Optional<Integer> seedOf(String domain, int version) {
    return Optional.ofNullable(seeds.get(domain + " " + version));
  }

  void changeUntil(long end, MixtureOfLoras mixture, EnduranceTally tally) {
    while (System.nanoTime() < end) {
      try {
        change();
        mixture.refresh();
        changes.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(PAUSE);
      } catch (MoaException e) {
        tally.failed("changing an adapter", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void change() {
    String domain = "domain" + random.nextInt(EnduranceRun.DOMAINS);
    boolean guest = directory.state().domains().containsKey(GUEST);
    switch (random.nextInt(5)) {
      case 0 -> {
        if (directory.previousVersion(domain).isPresent()) {
          directory.activate(domain, directory.previousVersion(domain).getAsInt());
        }
      }
      case 1 -> {
        if (guest) {
          directory.removeDomain(GUEST);
        } else {
          int seed = random.nextInt(KnownAnswers.SEEDS.size());
          note(
              GUEST,
              seed,
              directory.addDomain(
                  GUEST, synthetic.adapter(KnownAnswers.SEEDS.get(seed), KnownAnswers.STRONG)));
        }
      }
      default -> replace(domain);
    }
  }

  private void replace(String domain) {
    int seed = random.nextInt(KnownAnswers.SEEDS.size());
    note(
        domain,
        seed,
        directory.replaceDomain(
            domain, synthetic.adapter(KnownAnswers.SEEDS.get(seed), KnownAnswers.STRONG)));
  }

  private void note(String domain, int seed, MixtureState committed) {
    seeds.put(domain + " " + committed.domain(domain).version(), seed);
  }
}
