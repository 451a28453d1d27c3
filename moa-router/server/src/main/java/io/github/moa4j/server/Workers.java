package io.github.moa4j.server;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that wait for answers and for their readers, one a request. */
final class Workers {

  private Workers() {}

  /**
   * Starts virtual threads where the JDK has them (from 21 on), else as many threads as may be
   * needed at once.
   */
  static ExecutorService start(int most) {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      return new ThreadPoolExecutor(0, most, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
    }
  }
}
