package io.github.moa4j.examples.training;

import io.github.moa4j.training.lora.TrainingListener;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help.Ansi;

/** Shows how training goes on: a progress bar on a terminal, plain log lines elsewhere. */
public final class ConsoleProgress implements TrainingListener, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ConsoleProgress.class);
  private static final int LOG_LINES = 5;

  private final String task;
  private final long start = System.nanoTime();
  private Optional<ProgressBar> bar = Optional.empty();
  private long tokens;

  public ConsoleProgress(String task) {
    this.task = task;
  }

  @Override
  public void onStep(TrainingStep step) {
    tokens += step.tokens();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (Ansi.AUTO.enabled()) {
      showBar(step, seconds);
    } else if (step.step() == step.steps()
        || step.step() * LOG_LINES / step.steps() > (step.step() - 1) * LOG_LINES / step.steps()) {
      logger.info(
          "{}: step {}/{} {} {} s left",
          task,
          step.step(),
          step.steps(),
          status(step, seconds),
          Math.round(seconds / step.step() * (step.steps() - step.step())));
    }
  }

  private void showBar(TrainingStep step, double seconds) {
    if (bar.isEmpty()) {
      bar =
          Optional.of(
              new ProgressBarBuilder()
                  .setTaskName(task)
                  .setInitialMax(step.steps())
                  .setStyle(ProgressBarStyle.ASCII)
                  .setUpdateIntervalMillis(500)
                  .build());
    }
    bar.get().stepTo(step.step()).setExtraMessage(" " + status(step, seconds));
  }

  private String status(TrainingStep step, double seconds) {
    return String.format(Locale.ROOT, "loss %.3f, %.0f tokens/s,", step.loss(), tokens / seconds);
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
  }
}
