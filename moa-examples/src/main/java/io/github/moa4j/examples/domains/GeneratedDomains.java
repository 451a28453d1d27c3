package io.github.moa4j.examples.domains;

import io.github.moa4j.training.data.Domains;
import java.nio.file.Path;
import java.util.List;

/** The domains whose examples are made from templates. */
public final class GeneratedDomains {

  private static final GeneratedDomain CRON = new GeneratedDomain("cron", CronSchedules::sample);
  private static final GeneratedDomain LOGS = new GeneratedDomain("logs", LogLines::sample);
  private static final GeneratedDomain SHELL = new GeneratedDomain("shell", ShellRequests::sample);
  private static final GeneratedDomain SQL = new GeneratedDomain("sql", SqlQuestions::sample);
  private static final GeneratedDomain TOOLS = new GeneratedDomain("tools", ToolRequests::sample);

  private static final GeneratedDomain REGEX =
      new GeneratedDomain("regex", RegexDescriptions::sample);

  private GeneratedDomains() {}

  /**
   * Returns the five domains to start with, sorted by name: schedule to cron expression, log line
   * to fields, request to shell command, question to SQL, request to JSON tool call.
   */
  public static List<GeneratedDomain> all() {
    return List.of(CRON, LOGS, SHELL, SQL, TOOLS);
  }

  /** Returns a sixth domain, description to regular expression, to be added to the others later. */
  public static GeneratedDomain addition() {
    return REGEX;
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
