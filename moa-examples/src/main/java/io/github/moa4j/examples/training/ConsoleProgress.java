package io.github.moa4j.examples.training;

import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingListener.TrainingStep;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help.Ansi;

/**
 * Shows how training goes on, over all adapters of a run: a line that moves on a terminal, plain
 * log lines elsewhere. It assumes that adapters take as long as they have examples. Thread-safe.
 */
public final class ConsoleProgress implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ConsoleProgress.class);
  private static final int LOG_LINES = 5; // an adapter
  private static final int BAR = 24; // characters
  private static final long REDRAWN_AFTER = 200_000_000; // nanoseconds
  private static final String CLEARED = "\r\033[2K";

  /** An adapter that is being trained. */
  private static final class Course {
    private final long start = System.nanoTime();
    private final int size;
    private double share; // of its steps

    Course(int size) {
      this.size = size;
    }
  }

  private final int adapters;
  private final Map<String, Integer> sizes;
  private final long start = System.nanoTime();
  private final boolean terminal = Ansi.AUTO.enabled();
  private final Map<String, Course> courses = new LinkedHashMap<>(); // under way
  private int finished;
  private int finishedSize;
  private long tokens;
  private long drawn;

  /** Shows the training of one adapter. */
  public ConsoleProgress(String name) {
    this(Map.of(name, 1));
  }

  /** Shows the training of adapters of so many examples each. */
  ConsoleProgress(Map<String, Integer> sizes) {
    this.adapters = sizes.size();
    this.sizes = sizes;
  }

  /** Returns what listens to the training of one of them, which begins now. */
  public synchronized TrainingListener of(String name) {
    courses.put(name, new Course(sizes.get(name)));
    return new TrainingListener() {
      @Override
      public void onStep(TrainingStep step) {
        show(name, step);
      }
    };
  }

  /** Returns for how long an adapter has been trained. */
  synchronized double seconds(String name) {
    return (System.nanoTime() - courses.get(name).start) / 1e9;
  }

  /** Says that an adapter is finished, in a line above the progress. */
  synchronized void finish(String name, String line) {
    finishedSize += courses.remove(name).size;
    finished++;
    System.out.println((terminal ? CLEARED : "") + line);
  }

  private synchronized void show(String name, TrainingStep step) {
    courses.get(name).share = (double) step.step() / step.steps();
    tokens += step.tokens();
    if (terminal) {
      if (System.nanoTime() - drawn > REDRAWN_AFTER) {
        drawn = System.nanoTime();
        System.out.print(CLEARED + bar() + " " + status(name, step));
        System.out.flush();
      }
    } else if (step.step() == step.steps()
        || step.step() * LOG_LINES / step.steps() > (step.step() - 1) * LOG_LINES / step.steps()) {
      logger.info("{}", status(name, step));
    }
  }

  private double share() {
    double done = courses.values().stream().mapToDouble(course -> course.share * course.size).sum();
    return (finishedSize + done) / sizes.values().stream().mapToInt(size -> size).sum();
  }

  private String bar() {
    int full = (int) (share() * BAR);
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  private String status(String name, TrainingStep step) {
    double seconds = (System.nanoTime() - start) / 1e9;
    long left = Math.round(seconds / share() * (1 - share()));
    String names = courses.keySet().stream().collect(Collectors.joining(" and "));
    return String.format(
        Locale.ROOT,
        "%3.0f %%, %s left: %s, %sstep %d of %d, loss %.3f, %.0f tokens/s",
        100 * share(),
        left < 60 ? left + " s" : "%d:%02d min".formatted(left / 60, left % 60),
        adapters == 1 ? name : "%s (%d of %d done)".formatted(names, finished, adapters),
        courses.size() > 1 ? name + " " : "",
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
