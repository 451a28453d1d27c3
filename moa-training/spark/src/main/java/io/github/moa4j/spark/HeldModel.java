package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;

/**
 * The one model that this JVM holds, which outlives the tasks that use it: a base is loaded once by
 * an executor, not once by a task, and two never share its memory. Who needs another one waits
 * until nobody uses the present one.
 *
 * <p>Spark gives tasks no other place for what belongs to their JVM than a static one.
 */
final class HeldModel {

  private static final HeldModel THIS_JVMS = new HeldModel();
  private static final String ENGINE_THREADS = "ai.djl.pytorch.num_threads";

  private Object key; // null if nothing is held
  private AutoCloseable model;
  private int users;

  private HeldModel() {}

  /** The use of the model by one task; ends when it is closed. */
  static final class Lease<T> implements AutoCloseable {

    private final T model;
    private boolean closed;

    private Lease(T model) {
      this.model = model;
    }

    T model() {
      return model;
    }

    /** Ends the use; a second call does nothing. */
    @Override
    public void close() {
      THIS_JVMS.release(this);
    }
  }

  /**
   * Takes the model.
   *
   * @param key what decides which one it is
   * @param loader called if this JVM does not hold that one
   * @throws MoaException if the thread is interrupted while it waits, or what the loader throws
   */
  static <T extends AutoCloseable> Lease<T> lease(Object key, Class<T> type, Supplier<T> loader) {
    return new Lease<>(type.cast(THIS_JVMS.take(key, loader)));
  }

  /** Frees the model if nobody uses it. */
  static void free() {
    THIS_JVMS.freeIfIdle();
  }

  private synchronized Object take(Object wanted, Supplier<? extends AutoCloseable> loader) {
    try {
      while (users > 0 && !wanted.equals(key)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoaException("Interrupted while another model was in use.", e);
    }
    if (!wanted.equals(key)) {
      freeIfIdle();
      limitEngineThreads();
      model = loader.get();
      key = wanted;
    }
    users++;
    return model;
  }

  private synchronized void release(Lease<?> lease) {
    if (!lease.closed) {
      lease.closed = true;
      users--;
      notifyAll();
    }
  }

  private synchronized void freeIfIdle() {
    if (users == 0 && model != null) {
      try {
        model.close();
      } catch (Exception e) {
        throw new MoaException("Cannot free the model " + key + ".", e);
      } finally {
        model = null;
        key = null;
      }
    }
  }

  /**
   * An executor has some of a machine's processors, and the engine would take all. Read by the
   * engine when it starts; the application's own setting stays.
   */
  private static void limitEngineThreads() {
    SparkEnv environment = SparkEnv.get();
    boolean executor = environment != null && !environment.executorId().equals("driver");
    if (executor && System.getProperty(ENGINE_THREADS) == null) {
      System.setProperty(ENGINE_THREADS, environment.conf().get("spark.executor.cores", "1"));
    }
  }
}
