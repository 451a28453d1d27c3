/**
 * The parts of the benchmark and of the soak test that run in Java processes of their own. Folders
 * and numbers of repetitions go in as arguments, measured values come out as lines of text. It uses
 * {@code process} and the public classes of all modules.
 */
package io.github.moa4j.examples.study.benchmark;
