package io.github.moa4j.core.checkpoint;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** A tensor that is to be written, which need not be in memory as a whole. */
public interface TensorSource {

  /** Returns the element type. */
  DataType dataType();

  /** Returns the dimensions, outermost first. */
  long[] shape();

  /** Writes the elements in row-major order, little endian, all of them. */
  void writeTo(WritableByteChannel channel) throws IOException;
}
