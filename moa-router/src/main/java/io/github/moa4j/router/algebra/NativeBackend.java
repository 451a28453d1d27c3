package io.github.moa4j.router.algebra;

import io.github.moa4j.core.MoaException;
import java.util.function.Supplier;
import org.nd4j.linalg.api.blas.BlasException;

/** Runs work on ND4J and says what is wrong if there is no backend. */
final class NativeBackend {

  private NativeBackend() {}

  static <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (BlasException e) {
      throw new MoaException(
          "A matrix could not be decomposed; its values are damaged or out of range.", e);
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new MoaException(
          "ND4J finds no native backend, which algebra on adapters needs. Add org.nd4j:nd4j-native"
              + " to the application's class path, with its classifier for this platform.",
          e);
    }
  }
}
