package io.github.moa4j.core.template;

/** A parsed piece of a template: writes text and sets variables. */
@FunctionalInterface
interface Statement {

  /** What happens behind a statement: within a loop, the rest of a turn or all may be left out. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow render(Scope scope, StringBuilder output);
}
