package io.github.moa4j.core.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.djl.util.Utils;
import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * The Hugging Face tokenizer in native memory. Thread-safe: the native side never changes after
 * construction, and {@link #close()} waits for calls under way.
 *
 * <p>It uses the binding's native methods, not its {@code HuggingFaceTokenizer}: every factory
 * method of that class reports home over the network unless a system property forbids it.
 */
final class NativeTokenizer implements AutoCloseable {

  /**
   * Above it, a run of white space takes more steps at one place than the library's regular
   * expressions may, and it ends the process.
   */
  private static final int LONGEST_TEXT = 4_000_000;

  private final Path file;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private long handle;

  /** Builds a tokenizer from the content of {@code file}, a {@code tokenizer.json}. */
  NativeTokenizer(Path file, String json) {
    this.file = file;
    TokenizersLibrary library = Library.get();
    try {
      handle = library.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new MoaException(
          file + ": is not a tokenizer this version understands: " + e.getMessage(), e);
    }
    library.disableTruncation(handle);
    library.disablePadding(handle);
  }

  /** The token ids of a text; special tokens in it are recognised, none is added. */
  int[] encode(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new MoaException(
          "A text of %d characters is too long for the tokenizer, which takes up to %d; shorten it"
              .formatted(text.length(), LONGEST_TEXT));
    }
    return locked(library -> encode(library, WellFormed.of(text)));
  }

  private int[] encode(TokenizersLibrary library, String text) {
    long encoding = library.encode(open(), text, false);
    try {
      long[] ids = library.getTokenIds(encoding);
      int[] tokens = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        tokens[i] = Math.toIntExact(ids[i]);
      }
      return tokens;
    } finally {
      library.deleteEncoding(encoding);
    }
  }

  /** The text of token ids. */
  String decode(long[] ids, boolean skipSpecialTokens) {
    return locked(library -> library.decode(open(), ids, skipSpecialTokens));
  }

  private <T> T locked(Function<TokenizersLibrary, T> call) {
    lock.readLock().lock();
    try {
      open();
      TokenizersLibrary library = Library.get();
      try {
        return call.apply(library);
      } catch (RuntimeException e) {
        throw new MoaException(file + ": the tokenizer refuses the text: " + e.getMessage(), e);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  void checkOpen() {
    lock.readLock().lock();
    try {
      open();
    } finally {
      lock.readLock().unlock();
    }
  }

  private long open() {
    if (handle == 0) {
      throw new IllegalStateException("The tokenizer is closed");
    }
    return handle;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (handle != 0) {
        Library.get().deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The native library, loaded once. */
  private static final class Library {

    private static final String FLAVOR = "RUST_FLAVOR";

    static {
      // Where it sees a GPU the binding would download another build; only a system property says
      // otherwise. It is set for the moment of loading alone, unless the user has chosen.
      boolean chosen = Utils.getEnvOrSystemProperty(FLAVOR) != null || Utils.isOfflineMode();
      if (!chosen) {
        System.setProperty(FLAVOR, "cpu");
      }
      try {
        LibUtils.checkStatus();
      } catch (RuntimeException | LinkageError e) {
        // get() reports it, at every call.
      } finally {
        if (!chosen) {
          System.clearProperty(FLAVOR);
        }
      }
    }

    static TokenizersLibrary get() {
      try {
        LibUtils.checkStatus();
        return TokenizersLibrary.LIB;
      } catch (RuntimeException | LinkageError e) {
        throw new MoaException(
            "The native tokenizer library cannot be loaded. It comes in the jar"
                + " ai.djl.huggingface:tokenizers and is unpacked into the folder .djl.ai of the"
                + " user's home (or DJL_CACHE_DIR), which must be writable: "
                + e,
            e);
      }
    }
  }
}
