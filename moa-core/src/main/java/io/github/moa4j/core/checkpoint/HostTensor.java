package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor in host memory, as a file holds it. Two tensors are equal when element type, shape and
 * every byte agree, so a NaN equals itself here and 0 differs from −0.
 *
 * <p>Immutable as long as nobody writes to the memory behind {@link #data()}: the buffer handed out
 * is read-only, and each call returns one with its own position.
 *
 * @param dataType the element type
 * @param shape the dimensions, outermost first; empty for a scalar
 * @param data the elements in row-major order, little endian, from position 0 to the limit;
 *     read-only, possibly a view of a memory-mapped file
 */
public record HostTensor(DataType dataType, long[] shape, ByteBuffer data) implements TensorSource {

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException if a dimension is negative, or shape and element type do not
   *     give the number of bytes between the buffer's position and its limit
   */
  public HostTensor {
    Objects.requireNonNull(dataType, "dataType");
    shape = shape.clone();
    data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long expected = Math.multiplyExact(elements(shape), dataType.bytes());
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "A tensor of "
              + dataType
              + " "
              + Arrays.toString(shape)
              + " takes "
              + expected
              + " bytes, but "
              + data.remaining()
              + " are given.");
    }
  }

  /** Makes an f32 tensor of those values in row-major order. */
  public static HostTensor of(float[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.F32);
    data.asFloatBuffer().put(values);
    return new HostTensor(DataType.F32, shape, data);
  }

  /** Makes an f64 tensor of those values in row-major order. */
  public static HostTensor of(double[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.F64);
    data.asDoubleBuffer().put(values);
    return new HostTensor(DataType.F64, shape, data);
  }

  /** Makes an i64 tensor of those values in row-major order. */
  public static HostTensor of(long[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.I64);
    data.asLongBuffer().put(values);
    return new HostTensor(DataType.I64, shape, data);
  }

  /**
   * Makes a tensor of those values in row-major order, each rounded to the nearest of its type, and
   * to an infinity beyond the greatest.
   *
   * @param dataType f32, bf16 or f16
   */
  public static HostTensor rounded(DataType dataType, float[] values, long... shape) {
    ByteBuffer data = allocate(values.length, dataType);
    for (float value : values) {
      switch (dataType) {
        case F32 -> data.putFloat(value);
        case BF16 -> data.putShort(FloatBits.toBf16(Float.floatToRawIntBits(value)));
        case F16 -> data.putShort(FloatBits.toF16(value));
        default -> throw new IllegalArgumentException("Expected f32, bf16 or f16, not " + dataType);
      }
    }
    return new HostTensor(dataType, shape, data.flip());
  }

  private static ByteBuffer allocate(int count, DataType dataType) {
    return ByteBuffer.allocate(Math.multiplyExact(count, dataType.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns a copy of the dimensions. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Returns a read-only, little-endian view from position 0 to the limit. */
  @Override
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void writeTo(WritableByteChannel channel) throws IOException {
    AtomicFile.writeFully(channel, data());
  }

  /** Returns the number of elements; 1 for a scalar. */
  public int size() {
    return data.limit() / dataType.bytes();
  }

  /**
   * Copies the elements, widened to f32.
   *
   * @throws IllegalStateException if the elements are not f32, bf16 or f16
   */
  public float[] toFloatArray() {
    float[] values = new float[size()];
    switch (dataType) {
      case F32 -> data().asFloatBuffer().get(values);
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = FloatBits.bf16ToFloat(data.getShort(2 * i));
        }
      }
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = FloatBits.f16ToFloat(data.getShort(2 * i));
        }
      }
      default -> throw wrongType("f32, bf16 or f16");
    }
    return values;
  }

  /**
   * Copies the elements, widened to f64.
   *
   * @throws IllegalStateException if the elements are not f64, f32, bf16 or f16
   */
  public double[] toDoubleArray() {
    double[] values = new double[size()];
    if (dataType == DataType.F64) {
      data().asDoubleBuffer().get(values);
    } else {
      float[] narrow = toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = narrow[i];
      }
    }
    return values;
  }

  /**
   * Copies the elements, widened to 64-bit integers.
   *
   * @throws IllegalStateException if the elements are not i64, i32, u8 or bool
   */
  public long[] toLongArray() {
    long[] values = new long[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dataType) {
            case I64 -> data.getLong(8 * i);
            case I32 -> data.getInt(4 * i);
            case U8, BOOL -> data.get(i) & 0xFF;
            default -> throw wrongType("i64, i32, u8 or bool");
          };
    }
    return values;
  }

  private IllegalStateException wrongType(String expected) {
    return new IllegalStateException("The tensor holds " + dataType + ", not " + expected + ".");
  }

  /**
   * Returns the product of the dimensions.
   *
   * @throws IllegalArgumentException if a dimension is negative or the product leaves 64 bits
   */
  static long elements(long[] shape) {
    long count = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("Negative dimension in " + Arrays.toString(shape));
      }
      if (Math.multiplyHigh(count, dimension) != 0 || count * dimension < 0) {
        throw new IllegalArgumentException("Too many elements in " + Arrays.toString(shape));
      }
      count *= dimension;
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HostTensor tensor
        && dataType == tensor.dataType
        && Arrays.equals(shape, tensor.shape)
        && data.equals(tensor.data);
  }

  @Override
  public int hashCode() {
    return 31 * dataType.hashCode() + Arrays.hashCode(shape); // the bytes may be gigabytes
  }

  @Override
  public String toString() {
    return dataType + " " + Arrays.toString(shape);
  }
}
