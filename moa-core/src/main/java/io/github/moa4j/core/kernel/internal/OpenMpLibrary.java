package io.github.moa4j.core.kernel.internal;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
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

  private static final int RTLD_NOW = 2;
  private static final int RTLD_GLOBAL =
      0x100; // what is loaded behind it finds its functions first

  private static NativeLibrary loaded; // for the rest of the process

  private OpenMpLibrary() {}

  /** Tells whether the engine, once it is loaded, will find such a library; loads it if need be. */
  static synchronized boolean provide() {
    if (loaded == null && isAmd64() && !System.getProperty(PROPERTY, "").equals(NONE)) {
      loaded = inProcess() ? NativeLibrary.getProcess() : load();
    }
    return loaded != null;
  }

  /** Has it read its settings in the environment, which it does at its first call. */
  static void readSettings() {
    try {
      loaded.getFunction("omp_get_max_threads").invokeInt(new Object[0]);
    } catch (UnsatisfiedLinkError e) {
      LOG.debug("Its settings are read later", e);
    }
  }

  private static boolean isAmd64() {
    return System.getProperty("os.arch").equals("amd64");
  }

  private static boolean inProcess() {
    try {
      Function.getFunction(null, OF_ITS_KIND);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private static NativeLibrary load() {
    String named = System.getProperty(PROPERTY);
    try {
      return named == null ? fromClassPath() : open(Path.of(named).toAbsolutePath());
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.warn(
          "Cannot load {}: the engine uses its own library for threads. Say -D{}={} to leave it at"
              + " that.",
          named == null ? RESOURCE : named,
          PROPERTY,
          NONE,
          e);
      return null;
    }
  }

  /** The file is gone once it is loaded; the library stays. */
  private static NativeLibrary fromClassPath() throws IOException {
    try (InputStream in = OpenMpLibrary.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return null;
      }
      Path file = Files.createTempFile("moa4j-libiomp5-", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return open(file);
      } finally {
        Files.deleteIfExists(file);
      }
    }
  }

  private static NativeLibrary open(Path file) {
    int flags = RTLD_NOW | RTLD_GLOBAL;
    return NativeLibrary.getInstance(file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, flags));
  }
}
