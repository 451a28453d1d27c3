package io.github.moa4j.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The signal by which a service manager ends a process. The JVM's own answer to it starts all
 * shutdown hooks at once, the engine's among them, which ends every answer where it is: a server
 * that is to finish them has to hear the signal itself.
 */
final class Termination {

  /** What a process that was ended by that signal returns. */
  static final int EXIT_CODE = 128 + 15;

  private Termination() {}

  /**
   * Has something called when the process is told to end.
   *
   * @return whether it will be: a JVM may be told to leave signals alone
   */
  static boolean calls(Runnable end) {
    try {
      // Of the module jdk.unsupported, which compilers warn of.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  end.run();
                }
                return null;
              });
      Object term = signal.getConstructor(String.class).newInstance("TERM");
      Object unused = signal.getMethod("handle", signal, handler).invoke(null, term, proxy);
      return true;
    } catch (InvocationTargetException | ClassNotFoundException e) {
      return false;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sun.misc.Signal is not as it has been since Java 1.3", e);
    }
  }
}
