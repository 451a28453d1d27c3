package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.measurement.MemoryLog;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.MixtureOfLoras;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Callers of every kind, for long, on a mixture whose adapters change all the time and of which one
 * fits into memory. All questions and adapters are known: what each answer must be was asked
 * before, alone.
 */
public final class EnduranceRun {

  /** Requests that ended otherwise than they should. */
  public static final String ERRORS = "errors";

  /** Answers that are not what the adapter that gave them says alone. */
  public static final String WRONG = "wrong";

  /** Slope of resident memory in bytes a request, over the second half. */
  public static final String BYTES_A_REQUEST = "bytes";

  /** Live native arrays at the end less those before. */
  public static final String ARRAYS_GROWN = "arrays";

  static final int DOMAINS = 4;

  private EnduranceRun() {}

  /** Arguments: checkpoint directory with a tokenizer, format, callers, minutes. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path base = Path.of(args[0]);
    WeightFormat format = WeightFormat.valueOf(args[1]);
    int callers = Integer.parseInt(args[2]);
    long nanos = (long) (Double.parseDouble(args[3]) * TimeUnit.MINUTES.toNanos(1));
    try (TemporaryFolder folder = TemporaryFolder.create("endurance")) {
      SyntheticMixture synthetic = SyntheticMixture.of(base, false);
      MixtureDirectory directory = synthetic.write(folder.path().resolve("mixture"), DOMAINS);
      KnownAnswers known = KnownAnswers.ask(directory, synthetic, format);
      ChildJvm.out()
          .printf(
              "%d of %d questions are answered differently by every adapter%n",
              known.distinct(), known.size());
      ChangingAdapters adapters = new ChangingAdapters(directory, synthetic);
      try (MixtureOfLoras mixture =
          MixtureOfLoras.builder(directory.directory())
              .weightFormat(format)
              .router(synthetic.router(DOMAINS))
              .adapterMemoryBudget(known.bytesOfOne())
              .queueLimit(10 * callers)
              .open()) {
        MemoryLog memory = new MemoryLog(mixture.base(), "requests", 20_000);
        EnduranceTally tally = new EnduranceTally(memory, System.nanoTime() + nanos / 2);
        run(mixture, adapters, known, tally, callers, TimeUnit.SECONDS.toNanos(5));
        int arrays = MemoryLog.liveArrays(mixture.base());
        run(mixture, adapters, known, tally, callers, nanos);
        report(mixture, tally, adapters, arrays);
      }
    }
  }

  private static void run(
      MixtureOfLoras mixture,
      ChangingAdapters adapters,
      KnownAnswers known,
      EnduranceTally tally,
      int callers,
      long nanos)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    ExecutorService threads = Executors.newFixedThreadPool(callers + 1);
    List<CompletableFuture<Void>> running = new ArrayList<>();
    running.add(
        CompletableFuture.runAsync(() -> adapters.changeUntil(end, mixture, tally), threads));
    for (int i = 0; i < callers; i++) {
      EnduringCaller caller = new EnduringCaller(mixture, adapters, known, tally, i);
      running.add(CompletableFuture.runAsync(() -> caller.askUntil(end), threads));
    }
    running.forEach(CompletableFuture::join);
    threads.shutdown();
    Duration patience = Duration.ofMinutes(1); // for those that were abandoned
    System.gc(); // streams that nobody holds any more end when they are collected
    if (!mixture.registry().awaitLeases(patience)) {
      throw new MoaException("Adapters are still in use " + patience + " after the last caller.");
    }
  }

  private static void report(
      MixtureOfLoras mixture, EnduranceTally tally, ChangingAdapters adapters, int arrays) {
    int grown = MemoryLog.liveArrays(mixture.base()) - arrays;
    ChildJvm.out()
        .printf(
            Locale.ROOT,
            "%s; %d changes of adapters; live arrays grew by %d%n",
            tally,
            adapters.changes(),
            grown);
    ChildJvm.report(ERRORS, tally.errors());
    ChildJvm.report(WRONG, tally.wrong());
    ChildJvm.report(BYTES_A_REQUEST, tally.bytesAnEvent());
    ChildJvm.report(ARRAYS_GROWN, grown);
  }
}
