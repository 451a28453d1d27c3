package io.github.moa4j.examples.study.callers;

import ai.djl.util.Utils;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.measurement.MemoryLog;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.synthetic.RandomQuestions;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Callers that ask without end, some of which cancel, while adapters are replaced. What went wrong
 * is printed as it comes.
 */
public final class SoakedCallersRun {

  /** Requests that ended otherwise than they should. */
  public static final String ERRORS = "errors";

  /** Slope of resident memory in bytes a request, over the second half. */
  public static final String BYTES_A_REQUEST = "bytes";

  private static final int DOMAINS = 8;
  private static final int LOGGED = 2000; // a line every 200 requests
  private static final int MAX_PROMPT = 200;
  private static final int MAX_ANSWER = 32;

  private final MixtureOfLoras mixture;
  private final MixtureDirectory directory;
  private final SyntheticMixture synthetic;
  private final MemoryLog memory;
  private final long half;
  private final long end;
  private int answered; // guarded by this
  private int cancelled; // guarded by this
  private int errors; // guarded by this
  private int replaced; // guarded by this
  private double longestWait; // guarded by this

  private SoakedCallersRun(
      MixtureOfLoras mixture, MixtureDirectory directory, SyntheticMixture synthetic, long nanos) {
    this.mixture = mixture;
    this.directory = directory;
    this.synthetic = synthetic;
    this.memory = new MemoryLog(mixture.base(), "requests", LOGGED);
    this.half = System.nanoTime() + nanos / 2;
    this.end = System.nanoTime() + nanos;
  }

  /** Arguments: checkpoint directory with a tokenizer, format, callers, minutes. */
  public static void main(String[] args) throws IOException {
    Path base = Path.of(args[0]);
    long nanos = (long) (Double.parseDouble(args[3]) * TimeUnit.MINUTES.toNanos(1));
    Path folder = Files.createTempDirectory("moa4j-callers");
    try {
      SyntheticMixture synthetic = SyntheticMixture.of(base, false);
      MixtureDirectory directory = synthetic.write(folder.resolve("mixture"), DOMAINS);
      try (MixtureOfLoras mixture =
          MixtureOfLoras.builder(directory.directory())
              .weightFormat(WeightFormat.valueOf(args[1]))
              .router(synthetic.router(DOMAINS))
              .open()) {
        new SoakedCallersRun(mixture, directory, synthetic, nanos).run(Integer.parseInt(args[2]));
      }
    } finally {
      Utils.deleteQuietly(folder);
    }
  }

  private void run(int callers) {
    ExecutorService threads = Executors.newFixedThreadPool(callers + 1);
    List<CompletableFuture<Void>> running = new ArrayList<>();
    running.add(CompletableFuture.runAsync(this::replaceAdapters, threads));
    for (int caller = 0; caller < callers; caller++) {
      int seed = caller;
      running.add(CompletableFuture.runAsync(() -> ask(seed), threads));
    }
    running.forEach(CompletableFuture::join);
    threads.shutdown();
    report();
  }

  private synchronized void report() {
    ChildJvm.out()
        .printf(
            Locale.ROOT,
            "%d answered, %d cancelled, %d errors, %d adapters replaced, longest wait for a first"
                + " token %.2f s, memory %.0f bytes a request%n",
            answered,
            cancelled,
            errors,
            replaced,
            longestWait,
            memory.bytesAnEvent());
    ChildJvm.report(ERRORS, errors);
    ChildJvm.report(BYTES_A_REQUEST, memory.bytesAnEvent());
  }

  private boolean goesOn() {
    return System.nanoTime() < end;
  }

  private void replaceAdapters() {
    Random random = new Random(2);
    while (goesOn()) {
      try {
        String domain = SyntheticMixture.domains(DOMAINS).get(random.nextInt(DOMAINS));
        directory.replaceDomain(domain, synthetic.adapter(random.nextLong()));
        mixture.refresh();
        synchronized (this) {
          replaced++;
        }
        TimeUnit.SECONDS.sleep(1);
      } catch (MoaException e) {
        failed("replacing an adapter", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void ask(int seed) {
    Random random = new Random(seed);
    RandomQuestions questions = new RandomQuestions(mixture, seed);
    while (goesOn()) {
      Question question =
          questions.next(8 + random.nextInt(MAX_PROMPT), 1 + random.nextInt(MAX_ANSWER));
      try {
        ask(question, random.nextInt(7) == 0);
      } catch (RuntimeException e) {
        failed("a question", e);
      }
    }
  }

  private void ask(Question question, boolean cancels) {
    long start = System.nanoTime();
    try (AnswerStream stream = mixture.stream(question)) {
      boolean any = stream.hasNext();
      double wait = (System.nanoTime() - start) / 1e9;
      if (cancels && any) {
        stream.cancel();
      }
      Answer answer = stream.result();
      count(wait, answer.generation().stopReason() == StopReason.CANCELLED);
    }
  }

  private synchronized void count(double wait, boolean wasCancelled) {
    longestWait = Math.max(longestWait, wait);
    if (wasCancelled) {
      cancelled++;
    } else {
      answered++;
    }
    if (System.nanoTime() > half) { // until then, memory comes to what it needs
      memory.after(answered + cancelled);
    }
  }

  private synchronized void failed(String what, Exception e) {
    errors++;
    ChildJvm.out().println(what + " failed: " + e);
  }
}
