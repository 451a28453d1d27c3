package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.UnlistedVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Two processes that change one mixture, three that read it, and writers that are killed at random
 * instants. After each kill the mixture is opened and must hold every change that was said to be
 * committed, whole; after every fourth both writers are dead, and nothing but that may be left.
 */
public final class KillCampaign {

  private static final int WRITERS = 2;
  private static final int READERS = 3;
  private static final int QUIET_EVERY = 4;
  private static final String BASE = "a base";

  /**
   * How kills went.
   *
   * @param kills instants within a change of each kind
   * @param between instants between two changes
   * @param changes changes that were committed in all
   * @param reads states that readers found whole
   * @param wrong what should not be
   */
  public record Tally(
      Map<String, Integer> kills, int between, int changes, int reads, List<String> wrong) {}

  private final Path folder;
  private final Random random;
  private final Supplier<Map<String, String>> environment;
  private final SigningKey key;
  private final Writer.Progress progress = new Writer.Progress();
  private final List<Writer> writers = new ArrayList<>();
  private final Expected expected = new Expected();
  private final Map<String, String> labels = new HashMap<>(); // of every version ever seen
  private final Map<Change.Kind, Integer> kills = new EnumMap<>(Change.Kind.class);
  private final List<String> wrong = new ArrayList<>();
  private int between;

  private KillCampaign(Path folder, long seed, Supplier<Map<String, String>> environment) {
    this.folder = folder;
    this.random = new Random(seed);
    this.environment = environment;
    this.key =
        SigningKey.generate(
            KeyAlgorithm.ED25519, folder.resolve("key.pem"), folder.resolve("key.pub"));
    MixtureDirectory.create(root(), BASE);
  }

  /**
   * Kills writers.
   *
   * @param folder an empty one
   * @param instants kills that must fall within a change
   * @param seed of the instants
   * @param environment of the next writer, such as another time
   */
  public static Tally run(
      Path folder, int instants, long seed, Supplier<Map<String, String>> environment)
      throws IOException, InterruptedException {
    KillCampaign campaign = new KillCampaign(folder, seed, environment);
    Readers readers = Readers.start(campaign.root(), folder.resolve("key.pub"), READERS);
    try {
      campaign.kill(instants);
    } finally {
      for (Writer writer : campaign.writers) {
        writer.kill();
      }
    }
    int reads = readers.stop();
    campaign.wrong.addAll(readers.wrong());
    Map<String, Integer> kills = new LinkedHashMap<>();
    campaign.kills.forEach((kind, count) -> kills.put(kind.name(), count));
    return new Tally(
        kills,
        campaign.between,
        Change.last(campaign.open().state()),
        reads,
        List.copyOf(campaign.wrong));
  }

  private Path root() {
    return folder.resolve("mixture");
  }

  private MixtureDirectory open() {
    return MixtureDirectory.open(root())
        .verifying(SignaturePolicy.require(List.of(key.publicKey())));
  }

  private void kill(int instants) throws IOException, InterruptedException {
    int within = 0;
    for (int round = 1; within < instants && wrong.size() < 20; round++) {
      while (writers.size() < WRITERS) {
        writers.add(
            Writer.start(
                List.of(
                    root().toString(),
                    folder.resolve("key.pem").toString(),
                    folder.resolve("key.pub").toString()),
                environment.get(),
                progress));
      }
      int victim = random.nextInt(WRITERS);
      if (!writers.get(victim).awaitBegun()) {
        throw new MoaException("A writer ended before it was killed.");
      }
      // Up to its end and a little behind it.
      long most = progress.changeNanos() * 5 / 4 + TimeUnit.MILLISECONDS.toNanos(2);
      TimeUnit.NANOSECONDS.sleep(random.nextLong(most));
      boolean quiet = round % QUIET_EVERY == 0;
      for (int i = 0; i < (quiet ? WRITERS : 1); i++) {
        within += killed(writers.remove(i == 0 ? victim : 0).kill());
      }
      check(quiet);
    }
  }

  /** Notes what a killed writer was doing; returns how many changes that was. */
  private int killed(Optional<String> unfinished) {
    if (unfinished.isEmpty()) {
      between++;
      return 0;
    }
    String[] change = unfinished.get().split(" ", -1);
    kills.merge(Change.Kind.valueOf(change[1]), 1, Integer::sum);
    return 1;
  }

  private void check(boolean quiet) throws IOException {
    int ended = progress.ended();
    try {
      MixtureDirectory mixture = open();
      int number = mixture.read(state -> checkWhole(mixture, state));
      if (number < ended) {
        wrong.add("change " + ended + " was committed and is lost: the last is " + number);
      }
      if (quiet) {
        checkNothingElseIsLeft(mixture, number);
      }
    } catch (RuntimeException e) {
      wrong.add(e.toString());
    }
  }

  private int checkWhole(MixtureDirectory mixture, MixtureState state) {
    int number = Change.last(state);
    Map<String, String> found = Expected.labels(mixture, state);
    if (!found.equals(expected.after(number).labels())) {
      throw new MoaException(
          "change " + number + " is " + found + ", expected " + expected.labels());
    }
    state
        .domains()
        .forEach((name, domain) -> checkLabel(name + " " + domain.version(), found.get(name)));
    return number;
  }

  /** A number is given to one version of a domain only, ever. */
  private void checkLabel(String version, String label) {
    String before = labels.putIfAbsent(version, label);
    if (before != null && !before.equals(label)) {
      throw new MoaException(version + " was " + before + " and is " + label);
    }
  }

  private void checkNothingElseIsLeft(MixtureDirectory mixture, int number) throws IOException {
    if (number > progress.begun()) {
      wrong.add("change " + number + " was never begun");
    }
    MixtureState state = mixture.state();
    for (String domain : state.domains().keySet()) {
      List<String> kept = Expected.keptLabels(mixture, domain);
      if (!kept.equals(expected.keptLabels(domain))) {
        wrong.add(domain + " keeps " + kept + ", expected " + expected.keptLabels(domain));
      }
    }
    List<UnlistedVersion> whole = mixture.unlisted(); // killed right before the commit
    whole.forEach(version -> SealedFolder.labelOf(version.directory()));
    mixture.removeUnlisted(whole);
    mixture.removeRetired();
    Set<String> left = Scenario.folders(root());
    Set<String> named = Scenario.named(mixture);
    if (!left.equals(named)) {
      wrong.add("the folders are " + left + ", expected " + named);
    }
  }
}
