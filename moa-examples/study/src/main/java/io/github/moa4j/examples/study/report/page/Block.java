package io.github.moa4j.examples.study.report.page;

/** A piece of a section of the report. */
public sealed interface Block permits Table, Plot, Answers, Listing {

  /** Tells the templates which block it is. */
  default String kind() {
    return getClass().getSimpleName();
  }

  /** Whether there is nothing to show, so that it is left out. */
  default boolean blank() {
    return false;
  }
}
