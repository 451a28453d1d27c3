package io.github.moa4j.examples.study.llama;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.github.moa4j.core.MoaException;
import java.util.List;

/** Sequences that llama.cpp has in its cache. Owns native memory; not thread-safe. */
public final class LlamaContext implements AutoCloseable {

  private final LlamaCalls calls;
  private final Pointer context;
  private final int vocabSize;

  LlamaContext(LlamaCalls calls, Pointer context, int vocabSize) {
    this.calls = calls;
    this.context = context;
    this.vocabSize = vocabSize;
  }

  /**
   * Appends tokens to the first sequences and computes the logits that follow each.
   *
   * @param tokens of each sequence
   * @param position of the first of them, in each sequence
   */
  public void append(List<int[]> tokens, int position) {
    int count = tokens.stream().mapToInt(sequence -> sequence.length).sum();
    try (Memory numbers = new Memory(4L * 3 * count + 4L * tokens.size());
        Memory pointers = new Memory((long) Native.POINTER_SIZE * count);
        Memory wanted = new Memory(count)) {
      LlamaCalls.Batch batch = new LlamaCalls.Batch();
      batch.count = count;
      batch.tokens = numbers;
      batch.positions = numbers.share(4L * count);
      batch.sequenceCounts = numbers.share(8L * count);
      Pointer ids = numbers.share(12L * count);
      batch.sequences = pointers;
      batch.wanted = wanted;
      int at = 0;
      for (int sequence = 0; sequence < tokens.size(); sequence++) {
        int[] appended = tokens.get(sequence);
        ids.setInt(4L * sequence, sequence);
        for (int i = 0; i < appended.length; i++, at++) {
          batch.tokens.setInt(4L * at, appended[i]);
          batch.positions.setInt(4L * at, position + i);
          batch.sequenceCounts.setInt(4L * at, 1);
          pointers.setPointer((long) Native.POINTER_SIZE * at, ids.share(4L * sequence));
          wanted.setByte(at, (byte) (i == appended.length - 1 ? 1 : 0));
        }
      }
      int code = calls.llama_decode(context, batch);
      if (code != 0) {
        throw new MoaException("llama.cpp ended with code " + code + " on " + count + " tokens.");
      }
    }
    // Waits until they are there.
    calls.llama_get_logits_ith(context, -1);
  }

  /** Returns the logits that follow the last token of the last sequence. */
  public float[] lastLogits() {
    return calls.llama_get_logits_ith(context, -1).getFloatArray(0, vocabSize);
  }

  @Override
  public void close() {
    calls.llama_free(context);
  }
}
