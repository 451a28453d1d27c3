package io.github.moa4j.core.kernel.internal;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.PrivateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another library for the engine's threads than the one it comes with. The engine's own, GNU's,
 * ends every parallel part with a system call; Intel's and LLVM's, which have the same functions,
 * wait in memory.
 *
 * <p>It is taken from the class path, where an application puts it as it puts the engine's natives
 * ({@code org.bytedeco:mkl-dnn}, classifier {@code linux-x86_64}), or from the file that the system
 * property {@value #PROPERTY} names; its value {@code none} leaves the engine its own. A process
 * that has one already keeps that. It must be there before the engine is loaded; where that fails
 * the engine takes its own.
 */
final class OpenMpLibrary {

  private static final Logger LOG = LoggerFactory.getLogger(OpenMpLibrary.class);

  private static final String PROPERTY = "moa4j.openmp";
  private static final String NONE = "none";
  private static final String RESOURCE = "/org/bytedeco/mkldnn/linux-x86_64/libiomp5.so";
  private static final String OF_ITS_KIND = "kmp_set_blocktime";

  /** Of dlopen: all at once, and found first by what is loaded behind it. */
  private static final int NOW_AND_FOR_ALL = 0x102;

  /** Held for the rest of the process. */
  private static final AtomicReference<Optional<NativeLibrary>> LOADED =
      new AtomicReference<>(Optional.empty());

  private OpenMpLibrary() {}

  /** Tells whether the engine, once it is loaded, will find such a library; loads it if need be. */
  static boolean provide() {
    if (LOADED.get().isEmpty() && !System.getProperty(PROPERTY, "").equals(NONE)) {
      LOADED.set(inProcess() ? Optional.of(NativeLibrary.getProcess()) : load());
    }
    return LOADED.get().isPresent();
  }

  /** Has the library read its settings in the environment, which it does at its first call. */
  static void readSettings() {
    try {
      LOADED.get().orElseThrow().getFunction("omp_get_max_threads").invokeInt(new Object[0]);
    } catch (UnsatisfiedLinkError e) {
      LOG.debug("The library for threads reads its settings later", e);
    }
  }

  private static boolean isAmd64() {
    return System.getProperty("os.arch").equals("amd64");
  }

  private static boolean inProcess() {
    try {
      Function.getFunction(null, OF_ITS_KIND);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  private static Optional<NativeLibrary> load() {
    String named = System.getProperty(PROPERTY);
    try {
      return named == null ? fromClassPath() : Optional.of(open(Path.of(named).toAbsolutePath()));
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.warn(
          "Cannot load {}: the engine uses its own library for threads. Say -D{}={} to leave it at"
              + " that.",
          named == null ? RESOURCE : named,
          PROPERTY,
          NONE,
          e);
      return Optional.empty();
    }
  }

  /** The file is gone once it is loaded; the library stays. */
  private static Optional<NativeLibrary> fromClassPath() throws IOException {
    try (InputStream in = OpenMpLibrary.class.getResourceAsStream(RESOURCE)) {
      if (in == null || !isAmd64()) {
        return Optional.empty();
      }
      ByteBuffer content = ByteBuffer.wrap(in.readAllBytes());
      Path folder = PrivateFiles.createTemporaryFolder("moa-openmp-", MoaException::new);
      try {
        Path file = folder.resolve("libiomp5.so");
        PrivateFiles.write(
            file, channel -> AtomicFile.writeFully(channel, content), MoaException::new);
        return Optional.of(open(file));
      } finally {
        PrivateFiles.deleteTemporaryFolder(folder);
      }
    }
  }

  private static NativeLibrary open(Path file) {
    return NativeLibrary.getInstance(
        file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, NOW_AND_FOR_ALL));
  }
}
