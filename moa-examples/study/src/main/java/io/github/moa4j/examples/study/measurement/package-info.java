/**
 * What is measured again and again: medians by turns, memory of a process, and tables of them.
 * Measurements go in, numbers and Markdown come out. It uses {@code process}.
 */
package io.github.moa4j.examples.study.measurement;
