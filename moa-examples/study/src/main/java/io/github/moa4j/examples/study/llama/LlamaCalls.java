package io.github.moa4j.examples.study.llama;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/**
 * The functions of {@code llama.h} that are needed to decode tokens. Method names are those of C.
 *
 * <p>The parameters' structures grow from version to version, but what is set here stands first in
 * all of them: so a caller can pass a larger one on, and the same classes serve all versions.
 */
interface LlamaCalls extends Library {

  void llama_backend_init();

  void llama_log_set(Log log, Pointer user);

  Parameters llama_model_default_params();

  Pointer llama_model_load_from_file(String path, Parameters parameters);

  void llama_model_free(Pointer model);

  Parameters llama_context_default_params();

  Pointer llama_init_from_model(Pointer model, Parameters parameters);

  void llama_set_n_threads(Pointer context, int threads, int batchThreads);

  int llama_decode(Pointer context, Batch batch);

  Pointer llama_get_logits_ith(Pointer context, int index);

  void llama_free(Pointer context);

  /** Takes a line of the log. */
  interface Log extends Callback {
    void log(int level, String text, Pointer user);
  }

  /** Parameters of a model or a context, of any size up to this one's. */
  @FieldOrder("words")
  final class Parameters extends Structure implements Structure.ByValue {

    /** Public because JNA reads it. */
    public long[] words = new long[64];

    /** Sets the first four fields of a context's parameters. */
    void context(int tokens, int batch, int sequences) {
      words[0] = tokens | (long) batch << 32;
      words[1] = batch | (long) sequences << 32;
    }
  }

  /** {@code llama_batch}. */
  @FieldOrder({
    "count",
    "tokens",
    "embeddings",
    "positions",
    "sequenceCounts",
    "sequences",
    "wanted"
  })
  final class Batch extends Structure implements Structure.ByValue {
    public int count;
    public Pointer tokens; // int32 [count]
    public Pointer embeddings; // null: there are tokens
    public Pointer positions; // int32 [count]
    public Pointer sequenceCounts; // int32 [count]
    public Pointer sequences; // int32* [count]
    public Pointer wanted; // int8 [count], 1 where logits are wanted
  }
}
