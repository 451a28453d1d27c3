/**
 * Calls of tools: a choice of what must be called goes in as a constraint of the answer, and an
 * answer's text comes out as what is said and what is called, in the forms that the families of
 * models write. It may use {@code text}, {@code constraint} and {@code files}.
 */
package io.github.moa4j.core.tool;
