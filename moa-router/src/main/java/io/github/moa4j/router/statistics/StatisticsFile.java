package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.BaseFingerprints;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.StoredName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link DomainStatistics} as a safetensors file. The metadata holds {@code format_version}, {@code
 * kind}, {@code domain}, {@code pooling}, {@code states} (comma-separated), {@code width} (of a
 * pooled state), {@code count} and {@code base_fingerprint}; each state s has {@code states.s.sum}
 * (f64, [f]), {@code states.s.scatter} (f32, the lower triangle row by row, [f(f+1)/2]) and {@code
 * states.s.held_out} (f32, [prompts, f]) of its f features.
 *
 * <p>Version 1 had no {@code width}, and of each state's d values {@code states.s.sum} (f64, [d]),
 * {@code states.s.gram} (XᵀX in f64, [d(d+1)/2]) and {@code states.s.held_out} ([prompts, d]). It
 * is read, and becomes the features' statistics without a loss beyond their rounding.
 */
final class StatisticsFile {

  private static final String FORMAT_VERSION = "2";
  private static final String WHOLE_STATES = "1";
  private static final String KIND = "moa4j-router-statistics";

  private StatisticsFile() {}

  static void write(DomainStatistics statistics, Path file, String baseFingerprint) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("kind", KIND);
    metadata.put("format_version", FORMAT_VERSION);
    metadata.put("base_fingerprint", baseFingerprint);
    metadata.put("domain", statistics.domain());
    metadata.put("pooling", StoredName.of(statistics.pooling()));
    metadata.put(
        "states", String.join(",", statistics.states().stream().map(String::valueOf).toList()));
    metadata.put("width", Integer.toString(statistics.width()));
    metadata.put("count", Long.toString(statistics.count()));
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
    SafetensorsWriter.write(file, tensors, metadata);
  }

  static DomainStatistics read(Path file, String baseFingerprint) {
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      return new Reader(file, source).read(baseFingerprint);
    }
  }

  private static String prefix(int state) {
    return "states." + state + ".";
  }

  private static float[] flat(float[][] rows, int size) {
    float[] flat = new float[rows.length * size];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, flat, r * size, size);
    }
    return flat;
  }

  private record Reader(Path file, SafetensorsFile source) {

    DomainStatistics read(String baseFingerprint) {
      requireKind();
      BaseFingerprints.require(file, metadata("base_fingerprint"), baseFingerprint);
      try {
        List<Integer> states =
            Arrays.stream(metadata("states").split(",", -1)).map(Integer::valueOf).toList();
        long count = Long.parseLong(metadata("count"));
        if (count < 0) {
          throw damaged("its count of prompts is " + count, null);
        }
        List<StateMoments> moments = new ArrayList<>();
        boolean whole = WHOLE_STATES.equals(metadata("format_version"));
        int size = Math.toIntExact(tensor(prefix(states.get(0)) + "sum").size());
        int width = whole ? size : Integer.parseInt(metadata("width"));
        if (width < 1 || (!whole && FeatureSketch.of(width).features() != size)) {
          throw damaged("it has " + size + " features of states of width " + width, null);
        }
        FeatureSketch sketch = FeatureSketch.of(size); // changes nothing from version 2 on
        List<float[][]> heldOut = new ArrayList<>();
        for (int i = 0; i < states.size(); i++) {
          String prefix = prefix(states.get(i));
          double[] sum = doubles(prefix + "sum", size);
          int packed = StateMoments.packedSize(size);
          moments.add(
              whole
                  ? StateMoments.of(sum, doubles(prefix + "gram", packed), count, sketch)
                  : new StateMoments(sum, floats(prefix + "scatter", packed)));
          readHeldOut(prefix + "held_out", i, states.size(), size, heldOut);
        }
        heldOut.forEach(prompt -> Arrays.setAll(prompt, i -> sketch.apply(prompt[i])));
        return DomainStatistics.restored(
            metadata("domain"),
            StoredName.read(Pooling.class, metadata("pooling")),
            states,
            width,
            moments,
            count,
            heldOut);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw damaged(Failure.quote(String.valueOf(e.getMessage())), e);
      }
    }

    private void requireKind() {
      String kind = source.metadata().get("kind");
      String version = String.valueOf(source.metadata().get("format_version"));
      if (!KIND.equals(kind) || !List.of(WHOLE_STATES, FORMAT_VERSION).contains(version)) {
        throw damaged(
            "its kind is '"
                + Failure.quote(String.valueOf(kind))
                + "' in format version "
                + Failure.quote(version)
                + ", expected '"
                + KIND
                + "' in version "
                + WHOLE_STATES
                + " or "
                + FORMAT_VERSION,
            null);
      }
    }

    private void readHeldOut(
        String name, int index, int numStates, int size, List<float[][]> heldOut) {
      long[] shape = tensor(name).shape();
      if (shape.length != 2 || shape[1] != size || (index > 0 && shape[0] != heldOut.size())) {
        throw damaged(
            "tensor '"
                + name
                + "' has shape "
                + Arrays.toString(shape)
                + ", expected [n, "
                + size
                + "] with the same n for every state",
            null);
      }
      float[] flat = tensor(name, DataType.F32).toFloatArray();
      for (float value : flat) {
        if (!Float.isFinite(value)) {
          throw damaged("tensor '" + name + "' holds NaN or infinity", null);
        }
      }
      for (int r = 0; r < shape[0]; r++) {
        if (index == 0) {
          heldOut.add(new float[numStates][]);
        }
        heldOut.get(r)[index] = Arrays.copyOfRange(flat, r * size, (r + 1) * size);
      }
    }

    private double[] doubles(String name, int length) {
      double[] values = tensor(name, DataType.F64).toDoubleArray();
      requireValues(name, length, values.length, Arrays.stream(values).allMatch(Double::isFinite));
      return values;
    }

    private float[] floats(String name, int length) {
      float[] values = tensor(name, DataType.F32).toFloatArray();
      boolean finite = true;
      for (float value : values) {
        finite &= Float.isFinite(value);
      }
      requireValues(name, length, values.length, finite);
      return values;
    }

    private void requireValues(String name, int expected, int found, boolean finite) {
      if (found != expected) {
        throw damaged("tensor '" + name + "' has " + found + " values, expected " + expected, null);
      }
      if (!finite) {
        throw damaged("tensor '" + name + "' holds NaN or infinity", null);
      }
    }

    private HostTensor tensor(String name) {
      if (!source.names().contains(name)) {
        throw damaged("tensor '" + name + "' is missing", null);
      }
      return source.tensor(name);
    }

    private HostTensor tensor(String name, DataType expected) {
      HostTensor tensor = tensor(name);
      if (tensor.dataType() != expected) {
        throw damaged("tensor '" + name + "' is " + tensor + ", expected " + expected, null);
      }
      return tensor;
    }

    private String metadata(String key) {
      String value = source.metadata().get(key);
      if (value == null) {
        throw damaged("its metadata lacks '" + key + "'", null);
      }
      return value;
    }

    private RouterException damaged(String problem, Exception cause) {
      return new RouterException(
          "The router statistics in "
              + file
              + " cannot be used: "
              + problem
              + ". Collect them again from the domain's prompts.",
          cause);
    }
  }
}
