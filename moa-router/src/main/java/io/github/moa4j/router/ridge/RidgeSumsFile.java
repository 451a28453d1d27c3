package io.github.moa4j.router.ridge;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.GramTensors;
import io.github.moa4j.router.statistics.internal.StoredName;
import io.github.moa4j.router.statistics.internal.StoredTensors;
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
 * states.s.held_out} (f32, [prompts of all domains, f]) of its f features. What is counted of the
 * tokens stands beside it where it is known: {@link GramTensors}, a row a domain.
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
    metadata.put("states", StoredTensors.joined(sums.states()));
    metadata.put("width", Integer.toString(sums.width()));
    int[] counts = new int[domains];
    Arrays.setAll(counts, domain -> sums.heldOut(domain).size());
    metadata.put(HELD_OUT, StoredTensors.joined(Arrays.stream(counts).boxed().toList()));
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
    GramTensors.write(sums.grams(), tensors);
    SafetensorsWriter.write(file, tensors, metadata);
  }

  static RidgeSums read(Path file, String baseFingerprint) {
    return StoredTensors.read(
        file,
        "The sums of a ridge router",
        "Make them again from the domains' statistics.",
        source -> read(source, file, baseFingerprint));
  }

  private static RidgeSums read(StoredTensors source, Path file, String baseFingerprint) {
    source.require(KIND, List.of(FORMAT_VERSION), baseFingerprint);
    List<String> domains = domains(source, file);
    List<Integer> states = source.integers("states");
    int width = Integer.parseInt(source.metadata("width"));
    int size = FeatureSketch.of(width).features();
    int[] counts = source.counts(HELD_OUT);
    if (counts.length != domains.size()) {
      throw source.damaged("it does not say how many prompts each domain has held out");
    }
    int prompts = Math.toIntExact(Arrays.stream(counts).asLongStream().sum());
    double[][] within = new double[states.size()][];
    List<double[][]> means = new ArrayList<>();
    List<List<float[][]>> heldOut = new ArrayList<>();
    for (int count : counts) {
      means.add(new double[states.size()][]);
      heldOut.add(List.of(new float[count][states.size()][]));
    }
    for (int i = 0; i < within.length; i++) {
      String prefix = "states." + states.get(i) + ".";
      within[i] = source.doubles(prefix + "within", size * (size + 1) / 2);
      double[] all = source.doubles(prefix + "means", domains.size(), size);
      float[][] rows = source.rows(prefix + HELD_OUT, prompts, size);
      int row = 0;
      for (int domain = 0; domain < counts.length; domain++) {
        means.get(domain)[i] = Arrays.copyOfRange(all, domain * size, (domain + 1) * size);
        for (float[][] prompt : heldOut.get(domain)) {
          prompt[i] = rows[row++];
        }
      }
    }
    return new RidgeSums(
        domains,
        StoredName.read(Pooling.class, source.metadata("pooling")),
        states,
        width,
        within,
        means,
        heldOut,
        GramTensors.read(source, counts));
  }

  private static List<String> domains(StoredTensors source, Path file) {
    Object value = Json.value(source.metadata("domains"), file.toString(), RouterException::new);
    List<String> names = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(name -> names.add(String.valueOf(name)));
    }
    List<String> domains =
        names.stream().filter(name -> !name.equals(RouterDomains.NONE_OF_THESE)).toList();
    if (names.isEmpty() || new HashSet<>(domains).size() < domains.size()) {
      throw source.damaged("its domains are no list of different names");
    }
    return names;
  }
}
