package io.github.moa4j.core.checkpoint;

import java.nio.ByteBuffer;

/**
 * A tensor in host memory, as a file holds it.
 *
 * @param dataType the element type
 * @param shape the dimensions, outermost first; empty for a scalar
 * @param data the elements in row-major order, little endian, from position 0 to the limit;
 *     read-only, possibly a view of a memory-mapped file
 */
public record HostTensor(DataType dataType, long[] shape, ByteBuffer data) {}
