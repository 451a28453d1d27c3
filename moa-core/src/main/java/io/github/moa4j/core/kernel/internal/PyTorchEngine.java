package io.github.moa4j.core.kernel.internal;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.MoaException;

/** Starts DJL's PyTorch engine without a network call. */
public final class PyTorchEngine {

  private static final String OFFLINE = "ai.djl.offline";
  private static final String OPT_OUT = "OPT_OUT_TRACKING";

  private PyTorchEngine() {}

  /**
   * Returns a new manager at the root of a tree; the caller closes it.
   *
   * <p>Left alone, the engine downloads missing natives and reports its use. Unless the application
   * has decided otherwise through the system properties {@code ai.djl.offline} and {@code
   * OPT_OUT_TRACKING}, both are set to true before the engine starts. How its threads wait is set
   * then too, and what becomes of freed memory; see {@link WaitPolicy} and {@link FreedMemory}.
   *
   * @throws MoaException if the engine or its natives are not on the class path
   */
  public static NDManager newManager() {
    setUnlessChosen(OFFLINE);
    setUnlessChosen(OPT_OUT);
    FreedMemory.keep();
    try {
      return WaitPolicy.whileLoading(() -> NDManager.newBaseManager("PyTorch"));
    } catch (EngineException | IllegalArgumentException | LinkageError e) {
      throw new MoaException(
          "DJL's PyTorch engine does not start: "
              + e.getMessage()
              + ". The application must bring the natives of its platform: add"
              + " ai.djl.pytorch:pytorch-native-cpu (with the platform's classifier, such as"
              + " linux-x86_64) and ai.djl.pytorch:pytorch-jni to its dependencies.",
          e);
    }
  }

  /** Gives native memory that was freed and kept for later back to the system. */
  public static void giveFreedMemoryBack() {
    FreedMemory.giveBack();
  }

  private static void setUnlessChosen(String property) {
    if (System.getProperty(property) == null && System.getenv(property) == null) {
      System.setProperty(property, "true");
    }
  }
}
