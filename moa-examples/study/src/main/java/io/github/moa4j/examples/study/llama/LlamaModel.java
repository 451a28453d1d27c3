package io.github.moa4j.examples.study.llama;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A GGUF file that llama.cpp has open. Owns native memory; not thread-safe. */
public final class LlamaModel implements AutoCloseable {

  /** Where the binding on the class path keeps llama.cpp, with its own code around it. */
  private static final String BINDING = "/de/kherud/llama/Linux/x86_64/libjllama.so";

  /** Loads the kernels for this processor, where they are libraries of their own. */
  private static final String LOAD_KERNELS = "ggml_backend_load_all_from_path";

  /**
   * {@code RTLD_LAZY | RTLD_DEEPBIND}: the binding's library brings its own C++ library, which must
   * neither replace the process's nor be replaced by it, else the process dies at its end.
   */
  private static final Map<String, ?> OPTIONS = Map.of(Library.OPTION_OPEN_FLAGS, 0x1 | 0x8);

  private static final LlamaCalls.Log SILENT = (level, text, user) -> {};

  private final LlamaCalls calls;
  private final Pointer model;
  private final int vocabSize;

  private LlamaModel(LlamaCalls calls, Pointer model, int vocabSize) {
    this.calls = calls;
    this.model = model;
    this.vocabSize = vocabSize;
  }

  /**
   * Opens a file with the llama.cpp of the binding on the class path.
   *
   * @param vocabSize the model's
   */
  public static LlamaModel open(Path gguf, int vocabSize) {
    try {
      return open(
          Native.extractFromResourcePath(BINDING, LlamaModel.class.getClassLoader()).toPath(),
          gguf,
          vocabSize);
    } catch (IOException e) {
      throw new MoaException("There is no llama.cpp for this platform: " + e.getMessage(), e);
    }
  }

  /**
   * Opens a file with another build.
   *
   * @param library libllama; its ggml libraries are in the same folder
   */
  public static LlamaModel open(Path library, Path gguf, int vocabSize) {
    Path absolute = library.toAbsolutePath();
    LlamaCalls calls = Native.load(absolute.toString(), LlamaCalls.class, OPTIONS);
    calls.llama_log_set(SILENT, null);
    try {
      NativeLibrary.getInstance(absolute.toString(), OPTIONS)
          .getFunction(LOAD_KERNELS)
          .invokeVoid(new Object[] {absolute.getParent().toString()});
    } catch (UnsatisfiedLinkError builtIn) {
      // Older and static builds bring their kernels along.
    }
    calls.llama_backend_init();
    Pointer model =
        calls.llama_model_load_from_file(gguf.toString(), calls.llama_model_default_params());
    if (model == null) {
      throw new MoaException("llama.cpp cannot read " + gguf + ".");
    }
    return new LlamaModel(calls, model, vocabSize);
  }

  /**
   * Makes an empty cache.
   *
   * @param sequences how many at most
   * @param tokens of all sequences together
   */
  public LlamaContext context(int sequences, int tokens) {
    LlamaCalls.Parameters parameters = calls.llama_context_default_params();
    parameters.context(tokens, Math.min(tokens, 512), sequences);
    Pointer context = calls.llama_init_from_model(model, parameters);
    if (context == null) {
      throw new MoaException("llama.cpp cannot make a context of " + tokens + " tokens.");
    }
    int threads = Runtime.getRuntime().availableProcessors();
    calls.llama_set_n_threads(context, threads, threads);
    return new LlamaContext(calls, context, vocabSize);
  }

  @Override
  public void close() {
    calls.llama_model_free(model);
  }
}
