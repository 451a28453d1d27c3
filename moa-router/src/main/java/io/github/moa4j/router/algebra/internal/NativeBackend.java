package io.github.moa4j.router.algebra.internal;

import io.github.moa4j.core.MoaException;
import java.util.function.Supplier;
import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J, on which all algebra here runs: whether it is there, and what it throws. Who only serves
 * does without, so no class of this package names a class of ND4J where the JVM looks for it before
 * the code that needs it runs, as it does for what a catch clause names.
 */
public final class NativeBackend {

  private NativeBackend() {}

  /**
   * Checks that ND4J is there, with native code for this platform. Whoever trains for hours and
   * needs algebra at the end asks first.
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
    } catch (LinkageError e) {
      // NoClassDefFoundError without ND4J and ever after the first use, which is an
      // ExceptionInInitializerError without natives; UnsatisfiedLinkError where they are those of
      // another platform.
      throw new MoaException(
          "ND4J or its native code for this platform is missing. Training, the fit of routers and"
              + " algebra on adapters need it; answering does not. Add org.nd4j:nd4j-native to the"
              + " application's class path; where it was built for another platform, also with the"
              + " classifier of this one, such as linux-x86_64.",
          e);
    } catch (Error e) {
      if (isRefusal(e)) {
        throw new MoaException(
            "A matrix could not be decomposed; its values are damaged or out of range.", e);
      }
      throw e;
    }
  }

  /** Whether BLAS or LAPACK refused its input. */
  static boolean isRefusal(Error e) {
    return e instanceof BlasException;
  }
}
