package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.generation.AnswerInterruptedException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Outcome;
import io.github.moa4j.router.Question;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One caller that asks in every way there is, and judges what it gets. */
final class EnduringCaller {

  private static final int LONGEST = 400; // ms, until it loses patience

  private final MixtureOfLoras mixture;
  private final ChangingAdapters adapters;
  private final KnownAnswers known;
  private final EnduranceTally tally;
  private final Random random;

  EnduringCaller(
      MixtureOfLoras mixture,
      ChangingAdapters adapters,
      KnownAnswers known,
      EnduranceTally tally,
      int seed) {
    this.mixture = mixture;
    this.adapters = adapters;
    this.known = known;
    this.tally = tally;
    this.random = new Random(seed);
  }

  void askUntil(long end) {
    while (System.nanoTime() < end) {
      int number = random.nextInt(known.size());
      long start = System.nanoTime();
      try {
        ask(number, known.question(number));
      } catch (DeadlineExceededException e) {
        tally.cut();
      } catch (RuntimeException | Error e) {
        tally.failed("a question", e);
      }
      tally.waited(System.nanoTime() - start);
    }
  }

  private void ask(int number, Question question) {
    String domain = "domain" + random.nextInt(EnduranceRun.DOMAINS);
    switch (random.nextInt(12)) {
      case 0 -> close(question);
      case 1 -> abandon(question);
      case 2 -> cancel(question);
      case 3 -> interrupt(question);
      case 4 -> {
        Duration limit = Duration.ofMillis(1 + random.nextInt(LONGEST));
        judge(number, mixture.generate(question.within(limit)));
      }
      case 5 -> together(number, question);
      case 6 -> {
        mixture.route(question);
        tally.right();
      }
      case 7 -> read(number, question.inDomain(domain));
      case 8 -> askGuest(number, question);
      case 9, 10 -> judge(number, mixture.generate(question.inDomain(domain)));
      default -> judge(number, mixture.generate(question));
    }
  }

  private void judge(int number, Answer answer) {
    for (Map.Entry<String, Integer> version : answer.versions().entrySet()) {
      Optional<Integer> seed = adapters.seedOf(version.getKey(), version.getValue());
      boolean whole = answer.generation().stopReason() != StopReason.DEADLINE;
      if (seed.isEmpty() || !known.isRight(number, seed.get(), answer.generation(), whole)) {
        tally.wrong("question %d, %s: %s".formatted(number, version, answer.text()));
        return;
      }
    }
    tally.right();
  }

  /** Closes a stream behind its first piece. */
  private void close(Question question) {
    try (AnswerStream stream = mixture.stream(question)) {
      if (stream.hasNext()) {
        stream.next();
      }
    }
    tally.cut();
  }

  /** Forgets a stream behind its first piece. */
  private void abandon(Question question) {
    AnswerStream stream = mixture.stream(question);
    if (stream.hasNext()) {
      stream.next();
    }
    tally.cut();
  }

  /** Cancels a future before or while it is answered. */
  private void cancel(Question question) {
    CompletableFuture<Answer> future = mixture.generateAsync(question);
    try {
      future.get(random.nextInt(LONGEST), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
    } catch (ExecutionException e) {
      tally.failed("a future", e.getCause());
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tally.cut();
  }

  /** Is interrupted before or while it waits. */
  private void interrupt(Question question) {
    Thread caller = Thread.currentThread();
    CompletableFuture<Void> interruption =
        CompletableFuture.runAsync(
            caller::interrupt,
            CompletableFuture.delayedExecutor(random.nextInt(LONGEST), TimeUnit.MILLISECONDS));
    try {
      mixture.generate(question);
    } catch (AnswerInterruptedException e) {
      if (!Thread.currentThread().isInterrupted()) {
        tally.failed("an interrupted question, which does not say so", e);
      }
    } finally {
      if (!interruption.cancel(false)) {
        interruption.join();
      }
      Thread.interrupted();
    }
    tally.cut();
  }

  /** Asks three questions at once. */
  private void together(int number, Question question) {
    int other = random.nextInt(known.size());
    List<Outcome> outcomes =
        mixture.generate(List.of(question, known.question(other), question.inDomain("domain0")));
    judge(number, outcomes.get(0).orThrow());
    judge(other, outcomes.get(1).orThrow());
    judge(number, outcomes.get(2).orThrow());
  }

  /** Reads a stream to its end. */
  private void read(int number, Question question) {
    try (AnswerStream stream = mixture.stream(question)) {
      StringBuilder text = new StringBuilder();
      stream.forEachRemaining(text::append);
      Answer answer = stream.result();
      if (!text.toString().equals(answer.text())) {
        tally.wrong("the pieces are " + text + ", the whole is " + answer.text());
      }
      judge(number, answer);
    }
  }

  /** Asks a domain that may not be there. */
  private void askGuest(int number, Question question) {
    try {
      judge(number, mixture.generate(question.inDomain(ChangingAdapters.GUEST)));
    } catch (AdapterException e) {
      tally.cut();
    }
  }
}
