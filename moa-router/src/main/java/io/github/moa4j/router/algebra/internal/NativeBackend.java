package io.github.moa4j.router.algebra.internal;

import io.github.moa4j.core.MoaException;
import java.util.function.Supplier;
import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native code, on which all algebra here runs: whether it is there, and what it throws. */
public final class NativeBackend {

  private NativeBackend() {}

  /**
   * Checks that ND4J has native code for this platform. Whoever trains for hours and needs algebra
   * at the end asks first.
   *
   * @throws MoaException naming the dependency that is missing
   */
  public static void require() {
    run(
        () -> {
          try (INDArray one = Nd4j.create(new double[] {1}, new long[] {1, 1}, 'f')) {
            return one.getDouble(0);
          }
        });
  }

  static <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (BlasException e) {
      throw new MoaException(
          "A matrix could not be decomposed; its values are damaged or out of range.", e);
    } catch (LinkageError e) {
      // ExceptionInInitializerError at the first use, NoClassDefFoundError ever after, and
      // UnsatisfiedLinkError where the natives are those of another platform.
      throw new MoaException(
          "ND4J finds no native code for this platform, which routers and algebra on adapters need."
              + " Add org.nd4j:nd4j-native to the application's class path, with its classifier for"
              + " this platform, such as linux-x86_64.",
          e);
    }
  }
}
