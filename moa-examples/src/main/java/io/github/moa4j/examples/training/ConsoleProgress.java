package io.github.moa4j.examples.training;

import io.github.moa4j.training.lora.TrainingListener;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help.Ansi;

/**
 * Shows how training goes on, over all adapters of a run: a line that moves on a terminal, plain
 * log lines elsewhere. It assumes that every adapter takes about as long.
 */
public final class ConsoleProgress implements TrainingListener, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ConsoleProgress.class);
  private static final int LOG_LINES = 5; // an adapter
  private static final int BAR = 24; // characters
  private static final long REDRAWN_AFTER = 200_000_000; // nanoseconds
  private static final String CLEARED = "\r\033[2K";

  private final int adapters;
  private final long start = System.nanoTime();
  private final boolean terminal = Ansi.AUTO.enabled();
  private String task;
  private int finished;
  private long tokens;
  private long drawn;

  /** Shows the training of one adapter. */
  public ConsoleProgress(String task) {
    this(task, 1);
  }

  /** Shows the training of several adapters, the first of which is named. */
  public ConsoleProgress(String task, int adapters) {
    this.task = task;
    this.adapters = adapters;
  }

  /** Turns to the next adapter. */
  void next(String name) {
    task = name;
  }

  /** Says that an adapter is finished, in a line above the progress. */
  void finish(String line) {
    finished++;
    System.out.println((terminal ? CLEARED : "") + line);
  }

  @Override
  public void onStep(TrainingStep step) {
    tokens += step.tokens();
    if (terminal) {
      if (System.nanoTime() - drawn > REDRAWN_AFTER) {
        drawn = System.nanoTime();
        System.out.print(CLEARED + bar(step) + " " + status(step));
        System.out.flush();
      }
    } else if (step.step() == step.steps()
        || step.step() * LOG_LINES / step.steps() > (step.step() - 1) * LOG_LINES / step.steps()) {
      logger.info("{}", status(step));
    }
  }

  private double share(TrainingStep step) {
    return (finished + (double) step.step() / step.steps()) / adapters;
  }

  private String bar(TrainingStep step) {
    int full = (int) (share(step) * BAR);
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  private String status(TrainingStep step) {
    double seconds = (System.nanoTime() - start) / 1e9;
    long left = Math.round(seconds / share(step) * (1 - share(step)));
    return String.format(
        Locale.ROOT,
        "%3.0f %%, %s left: %s, step %d of %d, loss %.3f, %.0f tokens/s",
        100 * share(step),
        left < 60 ? left + " s" : "%d:%02d min".formatted(left / 60, left % 60),
        adapters == 1 ? task : "%s (%d of %d)".formatted(task, finished + 1, adapters),
        step.step(),
        step.steps(),
        step.loss(),
        tokens / seconds);
  }

  @Override
  public void close() {
    if (terminal) {
      System.out.print(CLEARED);
      System.out.flush();
    }
  }
}
