package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.router.RouterException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A safetensors file of what routers are fitted from: numbers in its metadata, and tensors of which
 * type, shape and finite values are checked.
 */
public final class StoredTensors {

  private final Path file;
  private final SafetensorsFile source;
  private final String what;
  private final String remedy;

  private StoredTensors(Path file, SafetensorsFile source, String what, String remedy) {
    this.file = file;
    this.source = source;
    this.what = what;
    this.remedy = remedy;
  }

  /**
   * Reads a file.
   *
   * @param what it holds, for messages
   * @param remedy what to do where it cannot be used
   * @param reading makes the result; what it refuses as an argument means that the file is damaged
   * @throws RouterException if the file is damaged
   */
  public static <T> T read(
      Path file, String what, String remedy, Function<StoredTensors, T> reading) {
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      StoredTensors tensors = new StoredTensors(file, source, what, remedy);
      try {
        return reading.apply(tensors);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw tensors.damaged(Failure.quote(String.valueOf(e.getMessage())), e);
      }
    }
  }

  /** Writes numbers as {@link #integers} reads them. */
  public static String joined(List<? extends Number> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /**
   * Refuses a file of another kind or of a version that is not known here.
   *
   * @throws RouterException if it is one, or belongs to another base
   */
  public void require(String kind, List<String> versions, String baseFingerprint) {
    String version = String.valueOf(source.metadata().get("format_version"));
    if (!kind.equals(kind()) || !versions.contains(version)) {
      throw damaged(
          "its kind is '%s' in format version %s, expected '%s' in version %s"
              .formatted(
                  Failure.quote(kind()),
                  Failure.quote(version),
                  kind,
                  String.join(" or ", versions)));
    }
    BaseFingerprints.require(file, metadata("base_fingerprint"), baseFingerprint);
  }

  /** Returns what kind of file it is; the text "null" if it does not say. */
  public String kind() {
    return String.valueOf(source.metadata().get("kind"));
  }

  /** Returns what the metadata say. */
  public String metadata(String key) {
    String value = source.metadata().get(key);
    if (value == null) {
      throw damaged("its metadata lacks '" + key + "'");
    }
    return value;
  }

  /** Returns numbers of the metadata, which commas part. */
  public List<Integer> integers(String key) {
    return Arrays.stream(metadata(key).split(",", -1)).map(Integer::valueOf).toList();
  }

  /** Tells whether the metadata say something. */
  public boolean has(String key) {
    return source.metadata().containsKey(key);
  }

  /** Returns a number of things. */
  public int count(String key) {
    return counts(key)[0];
  }

  /** Returns numbers of things, none of them negative. */
  public int[] counts(String key) {
    int[] counts = integers(key).stream().mapToInt(Integer::intValue).toArray();
    if (IntStream.of(counts).anyMatch(count -> count < 0)) {
      throw damaged("its '" + key + "' has a negative number");
    }
    return counts;
  }

  /** Returns the shape of a tensor. */
  public long[] shape(String name) {
    return tensor(name).shape();
  }

  /** Returns an f64 tensor of that shape. */
  public double[] doubles(String name, long... shape) {
    double[] values = tensor(name, DataType.F64, shape).toDoubleArray();
    requireFinite(name, Arrays.stream(values).allMatch(Double::isFinite));
    return values;
  }

  /** Returns an f32 tensor of that shape. */
  public float[] floats(String name, long... shape) {
    float[] values = tensor(name, DataType.F32, shape).toFloatArray();
    boolean finite = true;
    for (float value : values) {
      finite &= Float.isFinite(value);
    }
    requireFinite(name, finite);
    return values;
  }

  /** Returns an f32 tensor of that shape, which holds whole numbers from 0 to below a limit. */
  public int[] wholeNumbers(String name, int limit, long... shape) {
    float[] values = floats(name, shape);
    int[] numbers = new int[values.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (int) values[i];
      if (values[i] != numbers[i] || numbers[i] < 0 || numbers[i] >= limit) {
        throw damaged("tensor '" + name + "' holds " + values[i] + " where a whole number is due");
      }
    }
    return numbers;
  }

  /** Tells whether there is a tensor of that name. */
  public boolean hasTensor(String name) {
    return source.names().contains(name);
  }

  /** Returns an f32 tensor of that shape row by row, [rows][columns]. */
  public float[][] rows(String name, int rows, int columns) {
    float[] values = floats(name, rows, columns);
    float[][] split = new float[rows][];
    Arrays.setAll(split, row -> Arrays.copyOfRange(values, row * columns, (row + 1) * columns));
    return split;
  }

  private void requireFinite(String name, boolean finite) {
    if (!finite) {
      throw damaged("tensor '" + name + "' holds NaN or infinity");
    }
  }

  private HostTensor tensor(String name, DataType type, long... shape) {
    HostTensor tensor = tensor(name);
    if (tensor.dataType() != type || !Arrays.equals(tensor.shape(), shape)) {
      throw damaged(
          "tensor '%s' is %s, expected %s of shape %s"
              .formatted(name, tensor, type, Arrays.toString(shape)));
    }
    return tensor;
  }

  private HostTensor tensor(String name) {
    if (!source.names().contains(name)) {
      throw damaged("tensor '" + name + "' is missing");
    }
    return source.tensor(name);
  }

  /** Makes the exception of a file that cannot be used. */
  public RouterException damaged(String problem) {
    return damaged(problem, null);
  }

  private RouterException damaged(String problem, Exception cause) {
    return new RouterException(
        what + " in " + file + " cannot be used: " + problem + ". " + remedy, cause);
  }
}
