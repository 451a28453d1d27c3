package io.github.moa4j.examples.domains;

import java.util.List;

/** The kinds of work that the project can make examples of by itself. */
public final class GeneratedDomains {

  private GeneratedDomains() {}

  /** Returns all of them, in alphabetical order. */
  public static List<GeneratedDomain> all() {
    return List.of(
        new GeneratedDomain("cron", CronSchedules::sample),
        new GeneratedDomain("logs", LogLines::sample),
        new GeneratedDomain("shell", ShellRequests::sample),
        new GeneratedDomain("sql", SqlQuestions::sample),
        new GeneratedDomain("tools", ToolRequests::sample));
  }
}
