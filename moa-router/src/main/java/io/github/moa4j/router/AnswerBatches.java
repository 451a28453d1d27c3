package io.github.moa4j.router;

import io.github.moa4j.core.generation.TextGenerator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works through any number of questions in batches of bounded size: a batch is routed in one pass
 * and answered in lock step, each question with the adapters of its own domain. Where a batch comes
 * to grief, each of its questions is tried alone, so that only the guilty one fails. Thread-safe.
 */
final class AnswerBatches {

  private static final Logger logger = LoggerFactory.getLogger(AnswerBatches.class);

  private static final int MOST_ROWS = 32;

  private final RequestGate gate;
  private final TextGenerator generator;
  private final Function<Question, int[]> prompts;
  private final QuestionRouting routing;
  private final long mostTokens;

  /**
   * Creates it.
   *
   * @param mostTokens of a batch, padding and the longest answers included; one question alone may
   *     have more
   */
  AnswerBatches(
      RequestGate gate,
      TextGenerator generator,
      Function<Question, int[]> prompts,
      QuestionRouting routing,
      long mostTokens) {
    this.gate = gate;
    this.generator = generator;
    this.prompts = prompts;
    this.routing = routing;
    this.mostTokens = mostTokens;
  }

  /**
   * Answers questions.
   *
   * @param questions asked for the next one when a batch has room
   * @param outcomes told each in the order of the questions, in this thread, while no native memory
   *     is held
   * @throws MixtureClosedException if the mixture is closed meanwhile
   */
  void answer(Iterator<Question> questions, Consumer<Outcome> outcomes) {
    BatchedQuestion next = null;
    while (next != null || questions.hasNext()) {
      List<BatchedQuestion> batch = new ArrayList<>();
      long longest = 0;
      do {
        BatchedQuestion question = next == null ? encoded(questions.next()) : next;
        longest = Math.max(longest, question.tokens());
        boolean fits = batch.isEmpty() || (batch.size() + 1) * longest <= mostTokens;
        next = fits ? null : question;
        if (fits) {
          batch.add(question);
        }
      } while (next == null && batch.size() < MOST_ROWS && questions.hasNext());
      gate.work(() -> answered(batch)).forEach(question -> outcomes.accept(question.outcome()));
    }
  }

  private BatchedQuestion encoded(Question question) {
    BatchedQuestion batched = new BatchedQuestion(Objects.requireNonNull(question, "question"));
    return gate.work(
        () -> {
          batched.attempt(() -> batched.setPrompt(prompts.apply(question)));
          return batched;
        });
  }

  private List<BatchedQuestion> answered(List<BatchedQuestion> batch) {
    try {
      hold(batch);
      togetherOrAlone(
          batch.stream().filter(question -> !question.failed()).toList(),
          rows ->
              generator.generate(
                  rows.stream().map(BatchedQuestion::request).toList(), gate::isClosed),
          BatchedQuestion::setResult);
      return batch;
    } finally {
      batch.forEach(BatchedQuestion::release);
    }
  }

  private void hold(List<BatchedQuestion> batch) {
    long start = System.nanoTime();
    List<BatchedQuestion> routed = batch.stream().filter(BatchedQuestion::isToBeRouted).toList();
    if (routing.isBySequence()) {
      togetherOrAlone(
          routed,
          rows -> routing.states(rows.stream().map(BatchedQuestion::prompt).toList()),
          BatchedQuestion::setStates);
    }
    for (BatchedQuestion question : batch) {
      question.attempt(
          () ->
              question.setHeld(
                  routing.hold(question.question(), question.prompt(), question.states(), start)));
    }
  }

  /** Does something with all rows at once or, if that fails, with each alone. */
  private <T> void togetherOrAlone(
      List<BatchedQuestion> rows,
      Function<List<BatchedQuestion>, List<T>> work,
      BiConsumer<BatchedQuestion, T> result) {
    if (rows.size() > 1 && succeeds(() -> take(rows, work.apply(rows), result))) {
      return;
    }
    for (BatchedQuestion row : rows) {
      row.attempt(() -> take(List.of(row), work.apply(List.of(row)), result));
    }
  }

  private static <T> void take(
      List<BatchedQuestion> rows, List<T> results, BiConsumer<BatchedQuestion, T> result) {
    for (int i = 0; i < rows.size(); i++) {
      result.accept(rows.get(i), results.get(i));
    }
  }

  private static boolean succeeds(Runnable work) {
    try {
      work.run();
      return true;
    } catch (RuntimeException e) {
      logger.debug("A batch came to grief; each of its questions is tried alone", e);
      return false;
    }
  }
}
