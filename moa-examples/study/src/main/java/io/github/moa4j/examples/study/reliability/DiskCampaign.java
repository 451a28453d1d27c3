package io.github.moa4j.examples.study.reliability;

import ai.djl.util.Utils;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.examples.study.reliability.disk.Faults;
import io.github.moa4j.examples.study.reliability.disk.Operation;
import io.github.moa4j.examples.study.reliability.disk.PowerCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One change of a mixture, on a disk that fails, is full or loses power at every instant of it. */
public final class DiskCampaign {

  /** What a disk does. */
  public enum Disk {
    /** One operation fails, every one in turn. */
    FAILS_ONCE,
    /** From one operation on all fail, every one in turn: the program is dead for the disk. */
    DIES,
    /** It has room for so many bytes, every number in turn. */
    FULL,
    /** It loses power behind every operation; what was not forced may be there or not. */
    LOSES_POWER
  }

  /**
   * How it went.
   *
   * @param operations that the change takes on a sound disk
   * @param bytes that it writes
   * @param states what was looked at
   * @param wrong what should not be
   */
  public record Tally(int operations, long bytes, int states, List<String> wrong) {}

  private final Scenario scenario;
  private final Path mixture;
  private final List<Operation> operations;
  private final List<String> wrong = new ArrayList<>();
  private int states;

  private DiskCampaign(Change.Kind kind, Path folder, int mostBytes) throws IOException {
    this.mixture = folder.resolve("mixture");
    SigningKey key =
        SigningKey.generate(
            KeyAlgorithm.ED25519, folder.resolve("key.pem"), folder.resolve("key.pub"));
    this.scenario = Scenario.of(kind, mixture, key, mostBytes);
    Faults none = Faults.none();
    if (!scenario.run(mixture, none)) {
      throw new MoaException("A change of kind " + kind + " fails on a sound disk.");
    }
    this.operations = none.operations();
    look("on a sound disk", true);
  }

  /** Returns the names of the kinds of changes. */
  public static List<String> kinds() {
    return Arrays.stream(Change.Kind.values()).map(Enum::name).toList();
  }

  /**
   * Makes a change.
   *
   * @param kind which, of {@link #kinds}
   * @param folder an empty one
   * @param every look at every so manieth instant
   * @param mostBytes of each file of an adapter
   */
  public static Tally run(String kind, Disk disk, Path folder, int every, int mostBytes)
      throws IOException {
    DiskCampaign campaign = new DiskCampaign(Change.Kind.valueOf(kind), folder, mostBytes);
    switch (disk) {
      case FAILS_ONCE -> campaign.fail(every, false);
      case DIES -> campaign.fail(every, true);
      case FULL -> campaign.fill(every);
      case LOSES_POWER -> campaign.cut(every);
    }
    return new Tally(
        campaign.operations.size(), campaign.bytes(), campaign.states, List.copyOf(campaign.wrong));
  }

  private long bytes() {
    return operations.stream().mapToLong(operation -> operation.bytes().length).sum();
  }

  private void fail(int every, boolean forEver) throws IOException {
    // A write that fails is one more operation than the record of a sound run has.
    for (int i = 0; i <= operations.size(); i += every) {
      run("operation " + i + " fails", Faults.from(i, forEver));
    }
  }

  private void fill(int every) throws IOException {
    for (long room = 0; room <= bytes(); room += every) {
      run("room for " + room + " bytes", Faults.fullAfter(room));
    }
  }

  private void run(String what, Faults faults) throws IOException {
    look(what, scenario.run(mixture, faults));
  }

  private void cut(int every) throws IOException {
    new PowerCut(scenario.before(), operations)
        .visit(
            4,
            every,
            (disk, done, lost) -> {
              disk.writeTo(mixture);
              look(
                  "power is lost behind operation "
                      + done
                      + ", lost are "
                      + lost
                      + (done == 0 ? "" : ", last " + operations.get(done - 1)),
                  done == operations.size());
            });
  }

  private void look(String what, boolean said) {
    states++;
    try {
      scenario.check(mixture, said);
    } catch (IOException | RuntimeException e) {
      wrong.add(what + ": " + e);
    } finally {
      Utils.deleteQuietly(mixture);
    }
  }
}
