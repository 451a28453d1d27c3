/**
 * The parts of the benchmark, and the main classes of the processes in which they are measured. A
 * setting goes in, tables come out. It uses {@code synthetic}, {@code measurement}, {@code
 * process}, {@code llama} and {@code gguf}.
 */
package io.github.moa4j.examples.study.benchmark;
