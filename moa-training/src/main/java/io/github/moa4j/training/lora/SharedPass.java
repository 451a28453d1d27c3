package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.gradient.internal.GradientKernel;
import io.github.moa4j.training.gradient.internal.GradientKernel.Lesson;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the training runs of several adapters meet: once each of those that are left has a batch,
 * all batches go through the base in one pass. Each run stays what it is alone.
 *
 * <p>Owns native memory. Thread-safe: each run calls from a thread of its own.
 */
final class SharedPass implements AutoCloseable {

  private final Decoder decoder;
  private final TrainingOptions options;
  private final GradientKernel kernel;
  private final List<Request> waiting = new ArrayList<>(); // guarded by this
  private int running; // guarded by this

  /**
   * Creates a pass.
   *
   * @param runs that will take part, each until it {@linkplain #leave leaves}
   */
  SharedPass(Decoder decoder, TrainingOptions options, int runs) {
    this.decoder = decoder;
    this.options = options;
    this.kernel = GradientKernel.of(decoder);
    this.running = runs;
  }

  /** The lessons of one run, and what came of them. */
  private static final class Request {

    private final NDManager scope;
    private final List<Lesson> lessons;
    private Optional<List<Gradients>> found = Optional.empty();
    private Optional<RuntimeException> failure = Optional.empty();

    Request(NDManager scope, List<Lesson> lessons) {
      this.scope = scope;
      this.lessons = lessons;
    }

    boolean done() {
      return found.isPresent() || failure.isPresent();
    }
  }

  /**
   * Computes the gradients of one run's lessons, together with those of all others.
   *
   * @param scope owner of the result
   * @return in the order of the lessons
   */
  synchronized List<Gradients> gradients(NDManager scope, List<Lesson> lessons) {
    Request own = new Request(scope, lessons);
    waiting.add(own);
    runIfComplete();
    boolean interrupted = false;
    while (!own.done()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // the others' batches are under way with this one
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (own.failure.isPresent()) {
      throw own.failure.get();
    }
    return own.found.orElseThrow();
  }

  /** Tells that a run has ended, and waits for no batch of it any more. */
  synchronized void leave() {
    running--;
    runIfComplete();
  }

  private void runIfComplete() {
    if (waiting.isEmpty() || waiting.size() < running) {
      return;
    }
    List<Request> all = List.copyOf(waiting);
    waiting.clear();
    try (NDManager scope = decoder.newScope()) {
      List<Lesson> lessons = all.stream().flatMap(request -> request.lessons.stream()).toList();
      double dropout = options.lora().loraDropout();
      List<Gradients> found = kernel.gradients(scope, lessons, dropout, options.checkpointing());
      int next = 0;
      for (Request request : all) {
        List<Gradients> own = found.subList(next, next + request.lessons.size());
        own.forEach(one -> one.arrays().forEach(array -> array.attach(request.scope)));
        request.found = Optional.of(own);
        next += own.size();
      }
    } catch (RuntimeException e) {
      all.forEach(request -> request.failure = Optional.of(e));
    }
    notifyAll();
  }

  @Override
  public void close() {
    kernel.close();
  }
}
