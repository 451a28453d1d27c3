package io.github.moa4j.examples.study.measurement;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Live native arrays and resident memory over a series of like events. */
public final class MemoryLog {

  private static final int INTERVAL = 20;
  private static final int LINES = 10;

  private final BaseModel model;
  private final String unit;
  private final int lineInterval;
  private final List<double[]> samples = new ArrayList<>(); // event, resident bytes

  public MemoryLog(BaseModel model, String unit, int events) {
    this.model = model;
    this.unit = unit;
    this.lineInterval = Math.max(1, events / LINES / INTERVAL) * INTERVAL;
  }

  /** Notes the state after an event. */
  public void after(int event) {
    if (event % INTERVAL == 0) {
      long resident = ProcessMemory.resident();
      samples.add(new double[] {event, resident});
      if (event % lineInterval == 0) {
        ChildJvm.out()
            .printf(
                Locale.ROOT,
                "after %5d %-8s %5d live arrays, %8.1f MB resident%n",
                event,
                unit,
                liveArrays(model),
                resident / 1e6);
      }
    }
  }

  /** Counts the arrays of the model and of everything that was made through it. */
  public static int liveArrays(BaseModel model) {
    try (NDManager scope = model.unwrap(Decoder.class).newScope()) {
      return scope.getParentManager().getManagedArrays().size();
    }
  }

  /** The slope of the least-squares line through the samples, in bytes an event. */
  public double bytesAnEvent() {
    double meanX = samples.stream().mapToDouble(sample -> sample[0]).average().orElse(0);
    double meanY = samples.stream().mapToDouble(sample -> sample[1]).average().orElse(0);
    double covariance = 0;
    double variance = 0;
    for (double[] sample : samples) {
      covariance += (sample[0] - meanX) * (sample[1] - meanY);
      variance += (sample[0] - meanX) * (sample[0] - meanX);
    }
    return variance == 0 ? 0 : covariance / variance;
  }
}
