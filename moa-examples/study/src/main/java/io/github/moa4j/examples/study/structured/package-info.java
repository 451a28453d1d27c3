/**
 * Answers that are held to JSON schemas which nobody wrote: whether what is finished satisfies its
 * schema, and what that costs a token. Schemas are drawn from seeds, answers judged by another
 * library's validator, and counts and times come out. It may use {@code measurement} and the public
 * classes of all modules.
 */
package io.github.moa4j.examples.study.structured;
