package io.github.moa4j.examples.study.callers;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.measurement.MemoryLog;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.RandomQuestions;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Callers that ask without end, some of which cancel or have no time, while adapters are replaced.
 * What went wrong is printed as it comes.
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
    try (TemporaryFolder folder = TemporaryFolder.create("callers")) {
      SyntheticMixture synthetic = SyntheticMixture.of(base, false);
      MixtureDirectory directory = synthetic.write(folder.path().resolve("mixture"), DOMAINS);
      try (MixtureOfLoras mixture =
          MixtureOfLoras.builder(directory.directory())
              .weightFormat(WeightFormat.valueOf(args[1]))
              .router(synthetic.router(DOMAINS))
              .open()) {
        new SoakedCallersRun(mixture, directory, synthetic, nanos).run(Integer.parseInt(args[2]));
      }
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
            "%d answered, %d cancelled or out of time, %d errors, %d adapters replaced, longest wait for a first"
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
        switch (random.nextInt(10)) {
          case 0 -> cancel(question);
          case 1 -> abandon(question, random);
          case 2 -> answer(question.within(Duration.ofMillis(1 + random.nextInt(3000))));
          default -> answer(question);
        }
      } catch (DeadlineExceededException e) {
        count(0, true);
      } catch (RuntimeException e) {
        failed("a question", e);
      }
    }
  }

  private void answer(Question question) {
    GenerationResult answer = mixture.generate(question).generation();
    count(
        answer.timings().timeToFirstToken().toNanos() / 1e9,
        answer.stopReason() == StopReason.DEADLINE);
  }

  /** Closes a stream behind its first piece. */
  private void cancel(Question question) {
    try (AnswerStream stream = mixture.stream(question)) {
      if (stream.hasNext()) {
        stream.next();
      }
    }
    count(0, true);
  }

  /** Cancels a future before or while it is answered. */
  private void abandon(Question question, Random random) {
    CompletableFuture<Answer> future = mixture.generateAsync(question);
    try {
      future.get(random.nextInt(1000), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
    } catch (ExecutionException e) {
      failed("a future", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    count(0, true);
  }

  private synchronized void count(double wait, boolean cut) {
    longestWait = Math.max(longestWait, wait);
    if (cut) {
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
