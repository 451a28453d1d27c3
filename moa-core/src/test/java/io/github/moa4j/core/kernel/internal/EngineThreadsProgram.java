package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.Function;
import java.util.Map;

/** Starts the engine and prints with how many threads it computes, and what is left behind. */
final class EngineThreadsProgram {

  private EngineThreadsProgram() {}

  public static void main(String[] args) {
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script =
            TorchScript.load(
                manager,
                new ScriptSource("sum", "def sum(self, x: Tensor) -> Tensor:\n  return x + x\n"),
                Map.of())) {
      script.run(manager, "sum", manager.create(1f));
      System.out.println("threads " + JniUtils.getNumThreads());
      System.out.println("left behind " + inEnvironment("GOMP_SPINCOUNT"));
    }
  }

  private static String inEnvironment(String name) {
    return Function.getFunction("c", "getenv").invokeString(new Object[] {name}, false);
  }
}
