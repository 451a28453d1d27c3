package io.github.moa4j.core.template;

/** A parsed expression: gives a value from the variables in sight. */
@FunctionalInterface
interface Expression {

  Object evaluate(Scope scope);
}
