package io.github.moa4j.examples.study;

import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.reliability.DiskCampaign;
import io.github.moa4j.examples.study.reliability.DiskCampaign.Disk;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Changes a mixture on a disk that fails, fills up or loses power at every instant of it. */
@Command(
    name = "FailingDisks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes one change of each kind (add, replace, remove, activate, roll back, sign, two domains"
          + " with the router) in a small signed mixture, on a file system that fails at one"
          + " operation, at it and all after it, or behind a number of bytes, or that loses power and"
          + " with it any of what was not forced to the disk.",
      "Right is the state before or behind the change, whole, which the next change goes on from;"
          + " the one behind it, if it was said to be committed. Exit code 1 if anything else is"
          + " left."
    })
public final class FailingDisks implements Callable<Integer> {

  @Option(names = "--disk", description = "Only these: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<Disk> disks = Arrays.asList(Disk.values());

  @Option(
      names = "--change",
      completionCandidates = Kinds.class,
      description = "Only these: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<String> changes = DiskCampaign.kinds();

  @Option(
      names = "--every",
      defaultValue = "1",
      description = "Look at every so manieth operation or byte. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Option(
      names = "--bytes",
      defaultValue = "64",
      description = "Of each file of an adapter, at most. Default: ${DEFAULT-VALUE}.")
  private int bytes;

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if a mixture was left that should not be. */
  public static void main(String[] args) {
    System.exit(Commands.run(new FailingDisks(), args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean right = true;
    out.println("| disk | change | operations | bytes | states | wrong |");
    out.println("| --- | --- | ---: | ---: | ---: | ---: |");
    for (Disk disk : disks) {
      for (String kind : changes()) {
        try (TemporaryFolder folder = TemporaryFolder.create("disk")) {
          DiskCampaign.Tally tally = DiskCampaign.run(kind, disk, folder.path(), every, bytes);
          out.printf(
              Locale.ROOT,
              "| %s | %s | %,d | %,d | %,d | %,d |%n",
              disk,
              kind,
              tally.operations(),
              tally.bytes(),
              tally.states(),
              tally.wrong().size());
          tally.wrong().stream().limit(5).forEach(out::println);
          out.flush();
          right &= tally.wrong().isEmpty();
        }
      }
    }
    return right ? 0 : 1;
  }

  private List<String> changes() {
    for (String change : changes) {
      if (!DiskCampaign.kinds().contains(change)) {
        throw new ParameterException(
            spec.commandLine(),
            "--change " + change + " is none of " + String.join(", ", DiskCampaign.kinds()) + ".");
      }
    }
    return changes;
  }

  private static final class Kinds implements Iterable<String> {

    @Override
    public Iterator<String> iterator() {
      return DiskCampaign.kinds().iterator();
    }
  }
}
