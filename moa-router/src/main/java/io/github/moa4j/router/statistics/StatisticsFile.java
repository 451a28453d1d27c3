package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.GramTensors;
import io.github.moa4j.router.statistics.internal.StoredName;
import io.github.moa4j.router.statistics.internal.StoredTensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link DomainStatistics} as a safetensors file. The metadata holds {@code format_version}, {@code
 * kind}, {@code domain}, {@code pooling}, {@code states} (comma-separated), {@code width} (of a
 * pooled state), {@code count}, {@code held_out_as_written} (how many of the held-out prompts, the
 * first ones, are as their users wrote them) and {@code base_fingerprint}; each state s has {@code
 * states.s.sum} (f64, [f]), {@code states.s.scatter} (f32, the lower triangle row by row,
 * [f(f+1)/2]) and {@code states.s.held_out} (f32, [prompts, f]) of its f features. What is counted
 * of the tokens stands beside it where it is known: {@link GramTensors}, of one row.
 *
 * <p>Version 1 had no {@code width}, and of each state's d values {@code states.s.sum} (f64, [d]),
 * {@code states.s.gram} (XᵀX in f64, [d(d+1)/2]) and {@code states.s.held_out} ([prompts, d]). It
 * is read, and becomes the features' statistics without a loss beyond their rounding.
 */
final class StatisticsFile {

  private static final String FORMAT_VERSION = "2";
  private static final String WHOLE_STATES = "1";
  static final String KIND = "moa4j-router-statistics";

  private static final String AS_WRITTEN = "held_out_as_written";
  private static final int FORMS = 4; // of each prompt, in files that do not say how many

  private StatisticsFile() {}

  static void write(DomainStatistics statistics, Path file, String baseFingerprint) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("kind", KIND);
    metadata.put("format_version", FORMAT_VERSION);
    metadata.put("base_fingerprint", baseFingerprint);
    metadata.put("domain", statistics.domain());
    metadata.put("pooling", StoredName.of(statistics.pooling()));
    metadata.put("states", StoredTensors.joined(statistics.states()));
    metadata.put("width", Integer.toString(statistics.width()));
    metadata.put("count", Long.toString(statistics.count()));
    metadata.put(AS_WRITTEN, Integer.toString(statistics.heldOutAsWritten()));
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    int size = statistics.features();
    for (int i = 0; i < statistics.states().size(); i++) {
      String prefix = prefix(statistics.states().get(i));
      float[] scatter = statistics.packedScatter(i);
      tensors.put(prefix + "sum", HostTensor.of(statistics.sum(i), size));
      tensors.put(prefix + "scatter", HostTensor.of(scatter, scatter.length));
      float[][] heldOut = statistics.heldOut(i);
      tensors.put(prefix + "held_out", HostTensor.of(flat(heldOut, size), heldOut.length, size));
    }
    GramTensors.write(List.of(statistics.grams()), tensors);
    SafetensorsWriter.write(file, tensors, metadata);
  }

  static DomainStatistics read(Path file, String baseFingerprint) {
    return StoredTensors.read(
        file,
        "The router statistics",
        "Collect them again from the domain's prompts.",
        source -> read(source, baseFingerprint));
  }

  private static DomainStatistics read(StoredTensors source, String baseFingerprint) {
    source.require(KIND, List.of(WHOLE_STATES, FORMAT_VERSION), baseFingerprint);
    List<Integer> states = source.integers("states");
    long count = Long.parseLong(source.metadata("count"));
    if (count < 0) {
      throw source.damaged("its count of prompts is " + count);
    }
    boolean whole = WHOLE_STATES.equals(source.metadata("format_version"));
    int size = Math.toIntExact(source.shape(prefix(states.get(0)) + "sum")[0]);
    int width = whole ? size : Integer.parseInt(source.metadata("width"));
    if (width < 1 || (!whole && FeatureSketch.of(width).features() != size)) {
      throw source.damaged("it has " + size + " features of states of width " + width);
    }
    FeatureSketch sketch = FeatureSketch.of(size); // changes nothing from version 2 on
    int packed = StateMoments.packedSize(size);
    int prompts = Math.toIntExact(source.shape(prefix(states.get(0)) + "held_out")[0]);
    List<StateMoments> moments = new ArrayList<>();
    float[][][] heldOut = new float[prompts][states.size()][];
    for (int i = 0; i < states.size(); i++) {
      String prefix = prefix(states.get(i));
      double[] sum = source.doubles(prefix + "sum", size);
      moments.add(
          whole
              ? StateMoments.of(sum, source.doubles(prefix + "gram", packed), count, sketch)
              : new StateMoments(sum, source.floats(prefix + "scatter", packed)));
      float[][] rows = source.rows(prefix + "held_out", prompts, size);
      for (int prompt = 0; prompt < prompts; prompt++) {
        heldOut[prompt][i] = sketch.apply(rows[prompt]);
      }
    }
    return new DomainStatistics(
        source.metadata("domain"),
        StoredName.read(Pooling.class, source.metadata("pooling")),
        states,
        width,
        moments,
        count,
        new ArrayList<>(List.of(heldOut)),
        source.has(AS_WRITTEN) ? source.count(AS_WRITTEN) : (prompts + FORMS - 1) / FORMS,
        GramTensors.read(source, prompts).get(0));
  }

  private static String prefix(int state) {
    return "states." + state + ".";
  }

  /** Returns rows one behind the other. */
  static float[] flat(float[][] rows, int size) {
    float[] flat = new float[rows.length * size];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, flat, r * size, size);
    }
    return flat;
  }
}
