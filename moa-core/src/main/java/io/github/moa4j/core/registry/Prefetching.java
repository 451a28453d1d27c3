package io.github.moa4j.core.registry;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads adapters ahead of the requests that will want them, one after the other in a thread of its
 * own, which ends when there is nothing to do. What does not fit its queue is not loaded ahead.
 */
final class Prefetching implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(Prefetching.class);
  private static final int QUEUED = 1024;
  private static final long IDLE_SECONDS = 5;

  private final VersionedPool<?> pool;
  private final ThreadPoolExecutor thread;

  Prefetching(VersionedPool<?> pool) {
    this.pool = pool;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUED),
            work -> {
              Thread started = new Thread(work, "moa4j-prefetch");
              started.setDaemon(true);
              return started;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    thread.allowCoreThreadTimeOut(true);
  }

  void prefetch(Iterable<String> names) {
    long now = pool.now();
    names.forEach(name -> thread.execute(() -> prefetch(name, now)));
  }

  private void prefetch(String name, long instant) {
    try {
      pool.prefetch(name, instant);
    } catch (RuntimeException e) {
      logger.debug("'{}' is not loaded ahead of its first request, which will fail", name, e);
    }
  }

  /** Ends behind what is being loaded: the memory that it is loaded into may be taken down then. */
  @Override
  public void close() {
    thread.getQueue().clear();
    thread.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        if (thread.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
