package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.GramCounts;
import io.github.moa4j.router.statistics.internal.GramTensors;
import io.github.moa4j.router.statistics.internal.StoredName;
import io.github.moa4j.router.statistics.internal.StoredTensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a router keeps of texts that are of no domain. They are of several kinds, of which each
 * has a mean of its own; what the texts scatter around these is kept for all kinds together, so
 * that it takes the room of one domain's statistics. Immutable.
 *
 * <p>As a safetensors file: the metadata hold {@code kind}, {@code format_version}, {@code
 * base_fingerprint}, {@code pooling}, {@code states} (comma-separated), {@code width} (of a pooled
 * state), {@code count} (of all texts in the sums) and {@code held_out} (the number of texts that
 * each kind holds out, comma-separated); each state s has {@code states.s.sums} (f64, [kinds, f]:
 * of each kind its mean times the count), {@code states.s.scatter} (f32, the lower triangle row by
 * row, [f(f+1)/2]) and {@code states.s.held_out} (f32, [texts of all kinds, f]) of its f features;
 * and {@link GramTensors}, a row a kind.
 */
public final class GeneralStatistics {

  private static final String KIND = "moa4j-general-statistics";
  private static final String FORMAT_VERSION = "1";
  private static final String HELD_OUT = "held_out";

  private final List<DomainStatistics> kinds;

  private GeneralStatistics(List<DomainStatistics> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  /**
   * Joins what is known of each kind.
   *
   * @param kinds at least one, with texts, of one pooling, the same states and one width
   */
  public static GeneralStatistics of(List<DomainStatistics> kinds) {
    DomainStatistics first = kinds.get(0);
    int numStates = first.states().size();
    long count = kinds.stream().mapToLong(DomainStatistics::count).sum();
    List<float[]> scatters = new ArrayList<>();
    for (int i = 0; i < numStates; i++) {
      float[] scatter = new float[first.packedScatter(i).length];
      for (DomainStatistics kind : kinds) {
        float[] own = kind.packedScatter(i);
        for (int p = 0; p < scatter.length; p++) {
          scatter[p] += own[p];
        }
      }
      scatters.add(scatter);
    }
    List<DomainStatistics> joined = new ArrayList<>();
    for (DomainStatistics kind : kinds) {
      double[][] sums = new double[numStates][];
      Arrays.setAll(sums, i -> Arrays.stream(kind.mean(i)).map(mean -> mean * count).toArray());
      joined.add(
          kind(
              first.pooling(),
              first.states(),
              first.width(),
              sums,
              scatters,
              count,
              kind.heldOutPrompts(),
              kind.grams()));
    }
    return new GeneralStatistics(joined);
  }

  /** Makes a kind with a mean of its own, as if all texts were of it. */
  private static DomainStatistics kind(
      Pooling pooling,
      List<Integer> states,
      int width,
      double[][] sums,
      List<float[]> scatters,
      long count,
      List<float[][]> heldOut,
      GramCounts grams) {
    List<StateMoments> moments = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      moments.add(new StateMoments(sums[i], scatters.get(i)));
    }
    return new DomainStatistics(
        RouterDomains.NONE_OF_THESE,
        pooling,
        states,
        width,
        moments,
        count,
        heldOut,
        heldOut.size(),
        grams);
  }

  /**
   * Returns the kinds, each as statistics of {@link RouterDomains#NONE_OF_THESE}; they share the
   * matrices of their scatter and must not be added to.
   */
  public List<DomainStatistics> kinds() {
    return kinds;
  }

  /** Returns the moments of all texts, as if they were of one kind. */
  public DomainStatistics joined() {
    DomainStatistics first = kinds.get(0);
    if (kinds.size() == 1) {
      return first;
    }
    List<StateMoments> moments = new ArrayList<>();
    for (int i = 0; i < first.states().size(); i++) {
      StateMoments all = StateMoments.empty(first.features());
      int index = i;
      all.add(kinds.stream().map(kind -> rounded(kind.mean(index))).toList(), 0);
      moments.add(all.scaled(first.count() / (double) kinds.size(), first.packedScatter(i)));
    }
    List<float[][]> heldOut =
        kinds.stream().flatMap(kind -> kind.heldOutPrompts().stream()).toList();
    return new DomainStatistics(
        RouterDomains.NONE_OF_THESE,
        first.pooling(),
        first.states(),
        first.width(),
        moments,
        first.count(),
        heldOut,
        heldOut.size(),
        GramCounts.sum(kinds.stream().map(DomainStatistics::grams).toList()));
  }

  private static float[] rounded(double[] values) {
    float[] rounded = new float[values.length];
    for (int j = 0; j < values.length; j++) {
      rounded[j] = (float) values[j];
    }
    return rounded;
  }

  /**
   * Reads statistics.
   *
   * @param file a file written by {@link #write}, or by {@link DomainStatistics#write}: one kind
   * @param baseFingerprint the fingerprint of the base in use
   * @throws RouterException if the file is damaged or stems from another base
   */
  public static GeneralStatistics read(Path file, String baseFingerprint) {
    return StoredTensors.read(
        file,
        "The statistics of general text",
        "Train the routers again.",
        source ->
            source.kind().equals(StatisticsFile.KIND)
                ? new GeneralStatistics(List.of(DomainStatistics.read(file, baseFingerprint)))
                : read(source, baseFingerprint));
  }

  private static GeneralStatistics read(StoredTensors source, String baseFingerprint) {
    source.require(KIND, List.of(FORMAT_VERSION), baseFingerprint);
    List<Integer> states = source.integers("states");
    int width = Integer.parseInt(source.metadata("width"));
    long count = Long.parseLong(source.metadata("count"));
    int[] heldOut = source.counts(HELD_OUT);
    int size = FeatureSketch.of(width).features();
    int texts = Arrays.stream(heldOut).sum();
    if (count < 1) {
      throw source.damaged("its count of texts is " + count);
    }
    List<float[]> scatters = new ArrayList<>();
    double[][][] sums = new double[heldOut.length][states.size()][];
    float[][][] rows = new float[texts][states.size()][];
    for (int i = 0; i < states.size(); i++) {
      String prefix = prefix(states.get(i));
      scatters.add(source.floats(prefix + "scatter", StateMoments.packedSize(size)));
      double[] all = source.doubles(prefix + "sums", heldOut.length, size);
      for (int kind = 0; kind < heldOut.length; kind++) {
        sums[kind][i] = Arrays.copyOfRange(all, kind * size, (kind + 1) * size);
      }
      float[][] state = source.rows(prefix + HELD_OUT, texts, size);
      for (int text = 0; text < texts; text++) {
        rows[text][i] = state[text];
      }
    }
    Pooling pooling = StoredName.read(Pooling.class, source.metadata("pooling"));
    List<GramCounts> grams = GramTensors.read(source, heldOut);
    List<DomainStatistics> kinds = new ArrayList<>();
    int text = 0;
    for (int kind = 0; kind < heldOut.length; kind++) {
      List<float[][]> own = List.of(Arrays.copyOfRange(rows, text, text + heldOut[kind]));
      text += heldOut[kind];
      kinds.add(kind(pooling, states, width, sums[kind], scatters, count, own, grams.get(kind)));
    }
    return new GeneralStatistics(kinds);
  }

  /**
   * Writes these statistics into a file of their own, atomically.
   *
   * @param file the target; replaced if it exists
   * @param baseFingerprint the fingerprint of the base whose states these are
   */
  public void write(Path file, String baseFingerprint) {
    DomainStatistics first = kinds.get(0);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("kind", KIND);
    metadata.put("format_version", FORMAT_VERSION);
    metadata.put("base_fingerprint", baseFingerprint);
    metadata.put("pooling", StoredName.of(first.pooling()));
    metadata.put("states", StoredTensors.joined(first.states()));
    metadata.put("width", Integer.toString(first.width()));
    metadata.put("count", Long.toString(first.count()));
    metadata.put(
        HELD_OUT,
        StoredTensors.joined(kinds.stream().map(DomainStatistics::heldOutCount).toList()));
    int size = first.features();
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < first.states().size(); i++) {
      int index = i;
      String prefix = prefix(first.states().get(i));
      double[] sums =
          kinds.stream().flatMapToDouble(kind -> Arrays.stream(kind.sum(index))).toArray();
      float[] scatter = first.packedScatter(i);
      float[][] rows =
          kinds.stream()
              .flatMap(kind -> Arrays.stream(kind.heldOut(index)))
              .toArray(float[][]::new);
      tensors.put(prefix + "sums", HostTensor.of(sums, kinds.size(), size));
      tensors.put(prefix + "scatter", HostTensor.of(scatter, scatter.length));
      tensors.put(
          prefix + HELD_OUT, HostTensor.of(StatisticsFile.flat(rows, size), rows.length, size));
    }
    GramTensors.write(kinds.stream().map(DomainStatistics::grams).toList(), tensors);
    SafetensorsWriter.write(file, tensors, metadata);
  }

  private static String prefix(int state) {
    return "states." + state + ".";
  }
}
