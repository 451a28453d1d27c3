package io.github.moa4j.core.kernel.internal;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.moa4j.core.MoaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A TorchScript module compiled from source text, with attributes set from Java.
 *
 * <p>It exists because DJL's NDArray API has no bf16, cuts the gradient at every cast and crosses
 * JNI once per operation. A TorchScript method runs a whole model in one native call, in any dtype
 * of the engine, and its backward pass needs no {@code GradientCollector}, of which a JVM can open
 * only one.
 *
 * <p>Methods may be called by many threads at once as long as they do not change attributes. The
 * module owns native memory: {@link #close()} frees it together with every tensor bound to an
 * attribute. A call that is under way ends first, at the end of the JVM too, and later ones are
 * refused.
 */
public final class TorchScript implements AutoCloseable {

  private final PtNDManager manager;
  private final PtSymbolBlock module;
  private final NativeCalls calls = new NativeCalls("The model is closed.");

  private TorchScript(PtNDManager manager, PtSymbolBlock module) {
    this.manager = manager;
    this.module = module;
  }

  /**
   * Loads a module.
   *
   * @param parent the manager that the module's own manager becomes a child of
   * @param source the methods of the module
   * @param attributes attribute values by name: {@code Long}, {@code Double} or {@code Boolean}; a
   *     {@code List} (which must be empty) declares a list of tensors to be set by a method
   * @throws MoaException if the engine is not PyTorch or does not accept the text
   */
  public static TorchScript load(
      NDManager parent, ScriptSource source, Map<String, Object> attributes) {
    if (!(parent instanceof PtNDManager)) {
      throw new MoaException(
          "MoA4J needs DJL's PyTorch engine, but the default engine is "
              + parent.getEngine().getEngineName()
              + ". Set -Dai.djl.default_engine=PyTorch or remove the other engine from the class"
              + " path.");
    }
    PtNDManager manager = (PtNDManager) parent.newSubManager();
    try {
      byte[] archive = ModuleArchive.of(source.methods(), attributes);
      PtSymbolBlock module =
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false);
      return new TorchScript(manager, module);
    } catch (IOException | EngineException e) {
      manager.close();
      throw new MoaException("Cannot load kernel " + source.name() + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Runs a method without recording gradients.
   *
   * @param scope owner of the returned arrays
   * @param method name of the method
   * @param arguments {@code NDArray}, {@code List<NDArray>}, {@link TensorList}, {@code
   *     List<TensorList>} (not empty: the engine would not know what is missing), {@code long[]},
   *     {@code Long}, {@code Double} or {@code Boolean}, in the order of the method's parameters
   * @return the tensor, or the tensors of the list or tuple, that the method returned
   * @throws io.github.moa4j.core.EngineClosedException if the module is closed
   */
  public NDList run(NDManager scope, String method, Object... arguments) {
    return calls.run(() -> runNow(scope, method, arguments));
  }

  private NDList runNow(NDManager scope, String method, Object... arguments) {
    EngineThreads.prepare();
    useEagerExecutor();
    IValue[] values = new IValue[arguments.length];
    try {
      for (int i = 0; i < arguments.length; i++) {
        values[i] = toValue(arguments[i]);
      }
      try (IValue result = IValueUtils.runMethod(module, method, values)) {
        return result.toNDList((PtNDManager) scope);
      }
    } finally {
      for (int i = 0; i < values.length; i++) {
        if (values[i] != null && !(arguments[i] instanceof TensorList)) {
          values[i].close();
        }
      }
    }
  }

  /**
   * Runs a method in which the engine's autograd works, and whose results are ordinary tensors
   * rather than inference tensors.
   *
   * @param scope owner of the returned arrays
   * @param method name of the method
   * @param arguments {@code NDArray} or non-empty {@code List<NDArray>}: the engine binding passes
   *     no numbers on this way, and tells lists by the arrays' names, which are overwritten; so the
   *     arrays must not be shared with another thread, nor stand in two arguments
   * @return the tensor, or the tensors of the list or tuple, that the method returned
   * @throws io.github.moa4j.core.EngineClosedException if the module is closed
   */
  public NDList runWithAutograd(NDManager scope, String method, Object... arguments) {
    return calls.run(() -> runNowWithAutograd(scope, method, arguments));
  }

  private NDList runNowWithAutograd(NDManager scope, String method, Object... arguments) {
    EngineThreads.prepare();
    useEagerExecutor();
    // The binding attaches results to the manager of the first input.
    try (NDArray marker = scope.create(0f)) {
      marker.setName("module_method:" + method);
      NDList inputs = new NDList(marker);
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] instanceof NDArray array) {
          array.setName(null);
          inputs.add(array);
        } else {
          for (Object element : (List<?>) arguments[i]) {
            NDArray array = (NDArray) element;
            array.setName("argument" + i + "[]");
            inputs.add(array);
          }
        }
      }
      return withGradMode(() -> IValueUtils.forward(module, inputs, true));
    }
  }

  /** DJL switches the thread-local gradient mode off; only its single collector switches it on. */
  private static NDList withGradMode(Supplier<NDList> call) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      return call.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Checks that the module is not closed; see {@link NativeCalls#requireOpen}. */
  void requireOpen() {
    calls.requireOpen();
  }

  /** Frees the module and every tensor bound to it, behind the calls that are under way. */
  @Override
  public void close() {
    calls.close();
    module.close();
    manager.close();
  }

  /**
   * The profiling executor compiles anew for every thread and shape: the first calls of a thread
   * are slow and may round differently. The switch is thread-local in the engine.
   */
  private static void useEagerExecutor() {
    JniUtils.setGraphExecutorOptimize(false);
  }

  private static IValue toValue(Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    }
    if (argument instanceof TensorList list) {
      return list.value();
    }
    if (argument instanceof List<?> list) {
      return list.isEmpty() || list.get(0) instanceof NDArray
          ? IValue.listFrom(list.toArray(PtNDArray[]::new))
          : IValue.listFrom(
              list.stream().map(each -> ((TensorList) each).value()).toArray(IValue[]::new));
    }
    if (argument instanceof long[] numbers) {
      return IValue.listFrom(numbers);
    }
    if (argument instanceof Long value) {
      return IValue.from(value.longValue());
    }
    if (argument instanceof Double value) {
      return IValue.from(value.doubleValue());
    }
    if (argument instanceof Boolean value) {
      return IValue.from(value.booleanValue());
    }
    throw new IllegalArgumentException("Not a kernel argument: " + argument);
  }
}
