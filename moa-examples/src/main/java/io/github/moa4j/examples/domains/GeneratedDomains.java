package io.github.moa4j.examples.domains;

import io.github.moa4j.examples.domains.GeneratedDomain.Style;
import io.github.moa4j.training.data.Domains;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The domains whose examples are drawn from grammars. */
public final class GeneratedDomains {

  private static final String COMMON = "common.txt";
  private static final String WORDS = "words.txt";
  private static final String PIECES = "pieces.txt";
  private static final GeneratedDomain CRON = written("cron");
  private static final GeneratedDomain LOGS = machine("logs");
  private static final GeneratedDomain SHELL = written("shell");
  private static final GeneratedDomain SQL = written("sql");
  private static final GeneratedDomain TOOLS = written("tools");
  private static final GeneratedDomain REGEX = written("regex");

  private static final GeneratedDomain NO_WORK =
      new GeneratedDomain(GeneratedDomain.NONE, Style.WRITTEN, COMMON, WORDS, PIECES, "other.txt");

  private static final GeneratedDomain COPYING = written("copying");

  private GeneratedDomains() {}

  private static GeneratedDomain machine(String name) {
    return new GeneratedDomain(name, Style.MACHINE, COMMON, WORDS, PIECES, name + ".txt");
  }

  private static GeneratedDomain written(String name) {
    return written(name, name + ".txt");
  }

  private static GeneratedDomain practice(String name) {
    return written(name, "practice/" + name + ".txt");
  }

  private static GeneratedDomain written(String name, String resource) {
    return new GeneratedDomain(name, Style.WRITTEN, COMMON, WORDS, PIECES, resource);
  }

  /**
   * Returns the five domains to start with, sorted by name: schedule to cron expression, log line
   * to fields, request to shell command, question to SQL, request to tool call.
   */
  public static List<GeneratedDomain> all() {
    return List.of(CRON, LOGS, SHELL, SQL, TOOLS);
  }

  /** Returns a sixth domain, description to regular expression, to be added to the others later. */
  public static GeneratedDomain addition() {
    return REGEX;
  }

  /**
   * Returns drills in copying what is said. A small base has to learn that first; it learns it
   * once, and the adapters of all domains start from there.
   */
  public static GeneratedDomain copying() {
    return COPYING;
  }

  /**
   * Returns kinds of work to practise on, each with a form of answer of its own: by them a small
   * base learns once how requests become answers in forms. Nothing of the other domains is in them.
   */
  public static List<GeneratedDomain> practice() {
    return Stream.of(
            "chemistry",
            "chess",
            "config",
            "contacts",
            "container",
            "flight",
            "formula",
            "garden",
            "genealogy",
            "geometry",
            "inventory",
            "library",
            "logic",
            "menu",
            "network",
            "parcel",
            "recipe",
            "robot",
            "score",
            "slides",
            "style",
            "taxi",
            "units",
            "vote")
        .map(GeneratedDomains::practice)
        .toList();
  }

  /**
   * Returns what belongs to none of the domains: everyday talk, questions and gibberish. Every
   * answer says just that.
   */
  public static GeneratedDomain none() {
    return NO_WORK;
  }

  /** Returns the worked example of medicine: short clinical notes to coded fields. */
  public static GeneratedDomain clinical() {
    return machine("clinical");
  }

  /** Returns the worked example of finance: lines of reports to structured entries. */
  public static GeneratedDomain finance() {
    return machine("finance");
  }

  /** Returns the worked example of industry: machine logs to class of fault and action. */
  public static GeneratedDomain machine() {
    return machine("machine");
  }

  /**
   * Writes domains as a folder that {@link Domains#read} reads: training examples as {@code
   * train.jsonl}, held-out ones as {@code validation.jsonl}.
   *
   * @throws io.github.moa4j.training.data.DatasetException if a file cannot be written
   * @throws IllegalArgumentException if a domain cannot make so many examples
   */
  public static void writeTo(
      Path folder, List<GeneratedDomain> domains, int trainCount, int heldOutCount, long seed) {
    Domains.write(
        folder,
        domains.stream().map(domain -> domain.toDomain(trainCount, heldOutCount, seed)).toList());
  }
}
