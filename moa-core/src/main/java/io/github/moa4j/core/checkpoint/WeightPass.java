package io.github.moa4j.core.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One pass over all weights of a checkpoint in canonical order. While a piece is taken, another
 * thread adds it to the fingerprint, so that neither the disk nor the memory is read twice.
 */
final class WeightPass implements AutoCloseable {

  // Small enough that a piece stays in the processor's cache, and costs no page faults.
  private static final int PIECE_BYTES = 1 << 20;
  private static final int BUFFERS = 2;

  private final Checkpoint checkpoint;
  private final Fingerprint fingerprint;
  private final ByteBuffer[] buffers = new ByteBuffer[BUFFERS];
  private final CompletableFuture<?>[] hashed = new CompletableFuture<?>[BUFFERS];
  private final ExecutorService hashing =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "moa4j-fingerprint");
            thread.setDaemon(true);
            return thread;
          });
  private int pieces;

  WeightPass(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    this.fingerprint = new Fingerprint(checkpoint.config());
    for (int i = 0; i < BUFFERS; i++) {
      buffers[i] = ByteBuffer.allocateDirect(PIECE_BYTES);
      hashed[i] = CompletableFuture.completedFuture(null);
    }
  }

  /** Reads all tensors and returns the fingerprint. */
  String read(WeightPieces target) {
    for (String name : checkpoint.names()) {
      long[] shape = checkpoint.shape(name);
      hashing.execute(() -> fingerprint.addTensor(name, shape));
      read(name, shape, target);
    }
    CompletableFuture.allOf(hashed).join();
    return fingerprint.value();
  }

  private void read(String name, long[] shape, WeightPieces target) {
    DataType dataType = checkpoint.dataType(name);
    long size = HostTensor.elements(shape) * dataType.bytes();
    if (size == 0) {
      return;
    }
    long rowBytes = shape.length < 2 ? size : size / shape[0];
    long step = rowBytes * Math.max(1, PIECE_BYTES / rowBytes);
    for (long offset = 0; offset < size; offset += step) {
      int length = Math.toIntExact(Math.min(step, size - offset));
      ByteBuffer piece = next(length);
      checkpoint.read(name, offset, piece);
      piece.flip();
      hashed[pieces % BUFFERS] =
          CompletableFuture.runAsync(() -> fingerprint.addValues(dataType, piece), hashing);
      pieces++;
      target.take(name, offset, piece.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  /** A buffer that nobody reads any more. */
  private ByteBuffer next(int length) {
    int index = pieces % BUFFERS;
    hashed[index].join();
    if (buffers[index].capacity() < length) {
      buffers[index] = ByteBuffer.allocateDirect(length);
    }
    return buffers[index].clear().limit(length);
  }

  @Override
  public void close() {
    hashing.shutdown();
  }
}
