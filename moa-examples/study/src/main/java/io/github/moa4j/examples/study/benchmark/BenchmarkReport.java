package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.ComputeType;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** The table of the benchmark. */
public final class BenchmarkReport {

  private static final double DECODE_FLOOR = 1.4;
  private static final double TRAINING_FLOOR = 0.55;
  private static final double MEMORY_CEILING = 3e9;
  private static final int FLOP_PER_WEIGHT_AND_TOKEN = 4;

  private final Map<String, Double> results;
  private final PrintWriter out;

  private BenchmarkReport(Map<String, Double> results, PrintWriter out) {
    this.results = results;
    this.out = out;
  }

  /**
   * Prints the table.
   *
   * @param results by part, compute type and quantity; lines whose values are missing stay empty
   */
  public static void print(Map<String, Double> results, PrintWriter out) {
    new BenchmarkReport(results, out).print();
    out.flush();
  }

  private void print() {
    line("", "f32", "bf16", "bf16 / f32");
    row("prefill, 512 tokens (tokens/s)", "inference.%s.prefill", 1);
    row("decoding, batch 1 (tokens/s)", "inference.%s.decode", 1);
    row("training, 4 x 128 tokens, rank 8 (tokens/s)", "training.%s.tokens", 1);
    row("f32 matmul between the steps (GFLOP/s)", "training.%s.matmul", 1e-9);
    line(
        "training / f32 matmul, 4 FLOP a weight and token",
        text(efficiency(ComputeType.F32), 2),
        text(efficiency(ComputeType.BF16), 2),
        "");
    row("loading (s)", "serving.%s.load", 1);
    row("peak resident memory, answering (GB)", "serving.%s.peak", 1e-9);
    row("peak resident memory, training (GB)", "training.%s.peak", 1e-9);
    line(
        "weights read in decoding (GB/s)",
        text(readInDecoding(ComputeType.F32), 1),
        text(readInDecoding(ComputeType.BF16), 1),
        "");
    line("memory read (GB/s)", text(value("inference.read") * 1e-9, 1), "", "");
    out.println();
    double ratio = value("inference.BF16.decode") / value("inference.F32.decode");
    double peak = Math.max(value("training.F32.peak"), value("training.BF16.peak"));
    floor("bf16 decoding / f32 decoding", ratio, ">= 1.4", ratio >= DECODE_FLOOR);
    double training = efficiency(ComputeType.F32);
    floor("f32 training / f32 matmul", training, ">= 0.55", training >= TRAINING_FLOOR);
    floor("peak memory of training (GB)", peak * 1e-9, "< 3", peak < MEMORY_CEILING);
  }

  private double efficiency(ComputeType type) {
    double flops =
        FLOP_PER_WEIGHT_AND_TOKEN
            * (double) SyntheticCheckpoint.WEIGHTS
            * value("training." + type + ".tokens");
    return flops / value("training." + type + ".matmul");
  }

  private double readInDecoding(ComputeType type) {
    return value("inference." + type + ".decode")
        * SyntheticCheckpoint.WEIGHTS
        * type.bytes()
        * 1e-9;
  }

  private double value(String name) {
    return results.getOrDefault(name, Double.NaN);
  }

  private void row(String title, String name, double unit) {
    double full = value(name.formatted(ComputeType.F32)) * unit;
    double half = value(name.formatted(ComputeType.BF16)) * unit;
    line(title, text(full, 2), text(half, 2), text(half / full, 2));
  }

  private void line(String title, String full, String half, String ratio) {
    out.printf("%-50s %10s %10s %12s%n", title, full, half, ratio);
  }

  private void floor(String title, double value, String floor, boolean met) {
    String verdict = Double.isNaN(value) ? "not measured" : met ? "met" : "not met";
    line(title, text(value, 2), floor, verdict);
  }

  private static String text(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
