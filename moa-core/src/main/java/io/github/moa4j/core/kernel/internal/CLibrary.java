package io.github.moa4j.core.kernel.internal;

import com.sun.jna.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The C library of the process, on Linux. */
final class CLibrary {

  private static final Logger LOG = LoggerFactory.getLogger(CLibrary.class);

  private CLibrary() {}

  /** Tells whether it is one whose functions are known here. */
  static boolean isOfLinux() {
    return System.getProperty("os.name").startsWith("Linux");
  }

  /** Calls a function; 0, and a line in the log, if that cannot be done. */
  static int call(String function, Object... arguments) {
    try {
      return Function.getFunction("c", function).invokeInt(arguments);
    } catch (RuntimeException | LinkageError e) {
      LOG.debug("Cannot call {} of the C library: its setting stays", function, e);
      return 0;
    }
  }
}
