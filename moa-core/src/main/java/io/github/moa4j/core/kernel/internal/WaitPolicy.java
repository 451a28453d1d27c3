package io.github.moa4j.core.kernel.internal;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * How the engine's threads wait for each other: they look for a moment whether there is work, then
 * they sleep.
 *
 * <p>Left alone, GNU's OpenMP looks for milliseconds, which on a busy machine takes the processor
 * from the very thread that is waited for. As soon as a second Java thread has used the engine it
 * hardly looks at all, so that waking up takes longer than the work (its "throttled" count, which
 * is ten times higher under {@code ACTIVE}).
 *
 * <p>Another library ({@link OpenMpLibrary}) has a setting of its own for that.
 *
 * <p>The library reads its environment once, as it is loaded. So the variables are set then, unless
 * the application has set one of them, in the environment or as a system property of that name, and
 * are taken away again: other libraries do not find them. Where the engine was loaded before, on
 * other systems than Linux, or if the C library cannot be called, nothing happens.
 */
final class WaitPolicy {

  /** Every OpenMP reads it: who says it means it, whichever there is. */
  private static final String OF_ALL = "OMP_WAIT_POLICY";

  /** Half a millisecond on x86-64: longer than the work between two parallel parts. */
  private static final Map<String, String> OF_ENGINES_OWN =
      Map.of(OF_ALL, "ACTIVE", "GOMP_SPINCOUNT", "20000");

  /** Milliseconds; left alone it looks for 200 of them. */
  private static final Map<String, String> OF_ANOTHER = Map.of("KMP_BLOCKTIME", "1");

  private static final AtomicBoolean LOADED = new AtomicBoolean();

  private WaitPolicy() {}

  /** Runs what loads the engine under the policy, the first time. */
  static synchronized <T> T whileLoading(Supplier<T> load) {
    if (LOADED.get() || !CLibrary.isOfLinux()) {
      return load.get();
    }
    boolean another = OpenMpLibrary.provide();
    Map<String, String> variables = variables(another ? OF_ANOTHER : OF_ENGINES_OWN);
    try {
      variables.forEach((name, value) -> CLibrary.call("setenv", name, value, 1));
      if (another) {
        OpenMpLibrary.readSettings();
      }
      T result = load.get();
      LOADED.set(true);
      return result;
    } finally {
      variables.keySet().forEach(name -> CLibrary.call("unsetenv", name));
    }
  }

  /** What is to be set: the application's system properties, else nothing but its environment. */
  private static Map<String, String> variables(Map<String, String> chosen) {
    Map<String, String> properties = new HashMap<>();
    boolean inEnvironment = false;
    Set<String> names = new HashSet<>(chosen.keySet());
    names.add(OF_ALL);
    for (String name : names) {
      String property = System.getProperty(name);
      if (property != null) {
        properties.put(name, property);
      }
      inEnvironment |= System.getenv(name) != null;
    }
    return properties.isEmpty() && !inEnvironment ? chosen : properties;
  }
}
