package io.github.moa4j.examples.study.callers;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.RandomQuestions;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The same questions from one thread and from many at once. */
public final class CallersRun {

  private static final int DOMAINS = 8;
  private static final int PROMPT = 64;
  private static final int SHORTEST = 24;
  private static final int LONGEST = 72;

  /** Until the next caller begins, where they do not begin together. */
  private static final Duration SPREAD = Duration.ofMillis(200);

  /** Until processes that were started beside want a processor each. */
  private static final Duration STARTING = Duration.ofSeconds(2);

  private static final String AT_ONCE = ", all at once";

  private final MixtureOfLoras mixture;
  private final List<Question> questions;
  private final MarkdownTable table;

  private CallersRun(MixtureOfLoras mixture, int questions) {
    this.mixture = mixture;
    RandomQuestions texts = new RandomQuestions(mixture, 1);
    this.questions =
        new Random(1)
            .ints(questions, SHORTEST, LONGEST)
            .mapToObj(length -> texts.next(PROMPT, length))
            .toList();
    this.table =
        new MarkdownTable(
            new PrintWriter(ChildJvm.out(), true, StandardCharsets.UTF_8),
            "Callers, prompts of 64 tokens, answers of 24 to 72",
            "callers",
            "tokens/s",
            "first token, median (ms)",
            "first token, 95 % (ms)",
            "answers as one caller gets them");
  }

  /**
   * Arguments: checkpoint directory with a tokenizer, format, callers, questions of each, how many
   * states the router reads, 0 for all, and how many busy processes run beside in the end.
   */
  public static void main(String[] args) throws IOException {
    int callers = Integer.parseInt(args[2]);
    Path base = Path.of(args[0]);
    try (TemporaryFolder temporary = TemporaryFolder.create("callers")) {
      Path folder = temporary.path();
      SyntheticMixture synthetic = SyntheticMixture.of(base, false);
      synthetic.write(folder.resolve("mixture"), DOMAINS);
      int states = Integer.parseInt(args[4]);
      try (MixtureOfLoras mixture =
          MixtureOfLoras.builder(folder.resolve("mixture"))
              .weightFormat(WeightFormat.valueOf(args[1]))
              .router(synthetic.router(DOMAINS))
              .routingStates(states > 0 ? states : synthetic.router(DOMAINS).states().size())
              .abstentionThreshold(0) // the words are random: it would read parts of them, too
              .prefixMemoryBudget(0) // the same questions are asked again
              .open()) {
        CallersRun run = new CallersRun(mixture, callers * Integer.parseInt(args[3]));
        run.ask(callers, Duration.ZERO); // a round that does not count
        List<Reply> alone = run.measure("1", 1, Duration.ZERO, List.of());
        run.measure(callers + AT_ONCE, callers, Duration.ZERO, alone);
        run.measure(callers + ", one after the other", callers, SPREAD, alone);
        int busy = Integer.parseInt(args[5]);
        if (busy > 0) {
          run.measureBeside(busy, callers, alone);
        }
      }
    }
  }

  private void measureBeside(int busy, int callers, List<Reply> expected) {
    List<BusyProcess> others = Stream.generate(BusyProcess::start).limit(busy).toList();
    try {
      String beside = ", beside " + busy + " busy processes";
      pause(STARTING);
      measure("1" + beside, 1, Duration.ZERO, expected);
      measure(callers + AT_ONCE + beside, callers, Duration.ZERO, expected);
    } finally {
      others.forEach(BusyProcess::close);
    }
  }

  private List<Reply> measure(String title, int callers, Duration spread, List<Reply> expected) {
    long start = System.nanoTime();
    List<Reply> replies = ask(callers, spread);
    double seconds = (System.nanoTime() - start) / 1e9;
    int tokens = replies.stream().mapToInt(reply -> reply.tokens().length).sum();
    double[] first = replies.stream().mapToDouble(Reply::firstToken).sorted().toArray();
    long equal =
        IntStream.range(0, expected.size())
            .filter(i -> Arrays.equals(expected.get(i).tokens(), replies.get(i).tokens()))
            .count();
    table.row(
        title,
        tokens / seconds,
        1e3 * first[first.length / 2],
        1e3 * first[Math.min(first.length - 1, (int) (0.95 * first.length))],
        expected.isEmpty() ? "" : equal + " of " + expected.size());
    return replies;
  }

  /**
   * Each caller asks its share, one question behind the other, and begins so long behind the last.
   */
  private List<Reply> ask(int callers, Duration spread) {
    Reply[] replies = new Reply[questions.size()];
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int first = caller;
        running.add(
            CompletableFuture.runAsync(
                () -> {
                  pause(spread.multipliedBy(first));
                  for (int i = first; i < replies.length; i += callers) {
                    replies[i] = reply(questions.get(i));
                  }
                },
                threads));
      }
      running.forEach(CompletableFuture::join);
    } finally {
      threads.shutdown();
    }
    return List.of(replies);
  }

  private static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Reply reply(Question question) {
    GenerationResult answer = mixture.generate(question).generation();
    return new Reply(answer.timings().timeToFirstToken().toNanos() / 1e9, answer.tokens());
  }

  private record Reply(double firstToken, int[] tokens) {}
}
