package io.github.moa4j.examples.study;

import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.hostile.Campaign;
import io.github.moa4j.examples.study.hostile.FileKind;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads files that were damaged at random, and counts what was neither opened nor refused. */
@Command(
    name = "HostileFiles",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes small valid files of every kind that the library reads, changes each here and there,"
          + " and reads it as an application does, in a Java process with a heap of 256 MB.",
      "Right is a file that is opened, or refused by an exception of this library. All else is"
          + " wrong: another exception or error, a message of a page, too long a time, the end of"
          + " the process. Exit code 1 if anything was."
    })
public final class HostileFiles implements Callable<Integer> {

  @Option(names = "--seed", defaultValue = "1", description = "Which files. Default: 1.")
  private long seed;

  @Option(
      names = "--safetensors",
      defaultValue = "200000",
      description = "Safetensors files, of all kinds together. Default: ${DEFAULT-VALUE}.")
  private int safetensors;

  @Option(
      names = "--json",
      defaultValue = "8000",
      description = "JSON files of each kind. Default: ${DEFAULT-VALUE}.")
  private int json;

  @Option(
      names = "--tokenizers",
      defaultValue = "1000",
      description = "Tokenizers, of all kinds together. Default: ${DEFAULT-VALUE}.")
  private int tokenizers;

  @Option(names = "--kind", description = "Only these: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<FileKind> kinds = Arrays.asList(FileKind.values());

  @Option(
      names = "--from",
      defaultValue = "0",
      description = "Number of the first file of a kind. Default: 0.")
  private int from;

  @Option(
      names = "--count",
      description = "So many files of each kind, in place of the above. Default: as above.")
  private Optional<Integer> count = Optional.empty();

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Longest processor time for a file. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--keep",
      description = "A folder that keeps the files that went wrong. Default: none.")
  private Optional<String> keep = Optional.empty();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if a file was neither opened nor refused. */
  public static void main(String[] args) {
    System.exit(Commands.run(new HostileFiles(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Campaign.Wrong> wrong = new ArrayList<>();
    out.println("| file | tried | opened | refused | wrong |\n| --- | ---: | ---: | ---: | ---: |");
    for (FileKind kind : kinds) {
      Campaign.Tally tally =
          Campaign.run(kind, seed, from, count.orElseGet(() -> count(kind)), seconds, keep);
      wrong.addAll(tally.wrong());
      out.printf(
          Locale.ROOT,
          "| %s | %,d | %,d | %,d | %,d |%n",
          kind.title(),
          tally.tried(),
          tally.opened(),
          tally.refused(),
          tally.wrong().size());
      out.flush();
    }
    for (Campaign.Wrong one : wrong) {
      out.printf(
          "%n%s: %s%n  again with --kind %s --from %d --count 1 --seed %d%n",
          one.kind().title(), one.what(), one.kind(), one.index(), seed);
    }
    out.flush();
    return wrong.isEmpty() ? 0 : 1;
  }

  private int count(FileKind kind) {
    return switch (kind.form()) {
      case SAFETENSORS -> share(safetensors, kind.form());
      case JSON -> json;
      case TOKENIZER -> share(tokenizers, kind.form());
    };
  }

  private static int share(int all, FileKind.Form form) {
    int kinds = (int) Arrays.stream(FileKind.values()).filter(kind -> kind.form() == form).count();
    return (all + kinds - 1) / kinds;
  }
}
