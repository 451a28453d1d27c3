package io.github.moa4j.router.ridge;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.BaseFingerprints;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.StoredName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link RidgeSums} as a safetensors file. The metadata holds {@code format_version}, {@code kind},
 * {@code domains} (a JSON list), {@code pooling}, {@code states} (comma-separated), {@code width}
 * (of a pooled state), {@code held_out} (of each domain the number of held-out prompts,
 * comma-separated) and {@code base_fingerprint}; each state s has {@code states.s.within} (f64, the
 * lower triangle row by row, [f(f+1)/2]), {@code states.s.means} (f64, [domains, f]) and {@code
 * states.s.held_out} (f32, [prompts of all domains, f]) of its f features.
 */
final class RidgeSumsFile {

  private static final String FORMAT_VERSION = "1";
  private static final String KIND = "moa4j-ridge-sums";
  private static final String HELD_OUT = "held_out";

  private RidgeSumsFile() {}

  static void write(RidgeSums sums, Path file, String baseFingerprint) {
    int domains = sums.domains().size();
    int size = sums.features();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("kind", KIND);
    metadata.put("format_version", FORMAT_VERSION);
    metadata.put("base_fingerprint", baseFingerprint);
    metadata.put("domains", Json.compact(sums.domains()));
    metadata.put("pooling", StoredName.of(sums.pooling()));
    metadata.put("states", String.join(",", sums.states().stream().map(String::valueOf).toList()));
    metadata.put("width", Integer.toString(sums.width()));
    int[] counts = new int[domains];
    Arrays.setAll(counts, domain -> sums.heldOut(domain).size());
    metadata.put(
        HELD_OUT, String.join(",", Arrays.stream(counts).mapToObj(String::valueOf).toList()));
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < sums.states().size(); i++) {
      String prefix = "states." + sums.states().get(i) + ".";
      double[] means = new double[domains * size];
      float[] rows = new float[Arrays.stream(counts).sum() * size];
      int row = 0;
      for (int domain = 0; domain < domains; domain++) {
        System.arraycopy(sums.mean(domain, i), 0, means, domain * size, size);
        for (float[][] prompt : sums.heldOut(domain)) {
          System.arraycopy(prompt[i], 0, rows, size * row++, size);
        }
      }
      double[] within = sums.within(i);
      tensors.put(prefix + "within", HostTensor.of(within, within.length));
      tensors.put(prefix + "means", HostTensor.of(means, domains, size));
      tensors.put(prefix + HELD_OUT, HostTensor.of(rows, row, size));
    }
    SafetensorsWriter.write(file, tensors, metadata);
  }

  static RidgeSums read(Path file, String baseFingerprint) {
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      return new Reader(file, source).read(baseFingerprint);
    }
  }

  private record Reader(Path file, SafetensorsFile source) {

    RidgeSums read(String baseFingerprint) {
      if (!KIND.equals(metadata("kind")) || !FORMAT_VERSION.equals(metadata("format_version"))) {
        throw damaged("it is no '" + KIND + "' in version " + FORMAT_VERSION, null);
      }
      BaseFingerprints.require(file, metadata("base_fingerprint"), baseFingerprint);
      try {
        return sums();
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw damaged(Failure.quote(String.valueOf(e.getMessage())), e);
      }
    }

    private RidgeSums sums() {
      List<String> domains = domains();
      List<Integer> states =
          Arrays.stream(metadata("states").split(",", -1)).map(Integer::valueOf).toList();
      int width = Integer.parseInt(metadata("width"));
      int size = FeatureSketch.of(width).features();
      int[] counts =
          Arrays.stream(metadata(HELD_OUT).split(",", -1)).mapToInt(Integer::parseInt).toArray();
      if (counts.length != domains.size() || Arrays.stream(counts).anyMatch(count -> count < 0)) {
        throw damaged("it does not say how many prompts each domain has held out", null);
      }
      int prompts = Math.toIntExact(Arrays.stream(counts).asLongStream().sum());
      double[][] within = new double[states.size()][];
      List<double[][]> means = new ArrayList<>();
      List<List<float[][]>> heldOut = new ArrayList<>();
      for (int count : counts) {
        means.add(new double[states.size()][]);
        List<float[][]> own = new ArrayList<>();
        for (int prompt = 0; prompt < count; prompt++) {
          own.add(new float[states.size()][]);
        }
        heldOut.add(own);
      }
      for (int i = 0; i < within.length; i++) {
        String prefix = "states." + states.get(i) + ".";
        within[i] = doubles(prefix + "within", size * (size + 1) / 2);
        double[] all = doubles(prefix + "means", domains.size(), size);
        float[] rows = floats(prefix + HELD_OUT, prompts, size);
        int row = 0;
        for (int domain = 0; domain < counts.length; domain++) {
          means.get(domain)[i] = Arrays.copyOfRange(all, domain * size, (domain + 1) * size);
          for (float[][] prompt : heldOut.get(domain)) {
            prompt[i] = Arrays.copyOfRange(rows, row * size, (row + 1) * size);
            row++;
          }
        }
      }
      return new RidgeSums(
          domains,
          StoredName.read(Pooling.class, metadata("pooling")),
          states,
          width,
          within,
          means,
          heldOut);
    }

    private List<String> domains() {
      Object value = Json.value(metadata("domains"), file.toString(), RouterException::new);
      List<String> names = new ArrayList<>();
      if (value instanceof List<?> list) {
        list.forEach(name -> names.add(String.valueOf(name)));
      }
      if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
        throw damaged("its domains are no list of different names", null);
      }
      return names;
    }

    private double[] doubles(String name, long... shape) {
      double[] values = tensor(name, DataType.F64, shape).toDoubleArray();
      if (!Arrays.stream(values).allMatch(Double::isFinite)) {
        throw damaged("tensor '" + name + "' holds NaN or infinity", null);
      }
      return values;
    }

    private float[] floats(String name, long... shape) {
      float[] values = tensor(name, DataType.F32, shape).toFloatArray();
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw damaged("tensor '" + name + "' holds NaN or infinity", null);
        }
      }
      return values;
    }

    private HostTensor tensor(String name, DataType type, long... shape) {
      if (!source.names().contains(name)) {
        throw damaged("tensor '" + name + "' is missing", null);
      }
      HostTensor tensor = source.tensor(name);
      if (tensor.dataType() != type || !Arrays.equals(tensor.shape(), shape)) {
        throw damaged(
            "tensor '"
                + name
                + "' is "
                + tensor
                + ", expected "
                + type
                + " of shape "
                + Arrays.toString(shape),
            null);
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
          "The sums of a ridge router in "
              + file
              + " cannot be used: "
              + problem
              + ". Make them again from the domains' statistics.",
          cause);
    }
  }
}
