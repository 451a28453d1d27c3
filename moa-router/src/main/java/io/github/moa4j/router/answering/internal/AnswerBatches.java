package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.AnswerInterruptedException;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureClosedException;
import io.github.moa4j.router.Outcome;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.routing.internal.QuestionRoute;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Works through any number of questions, with so many of them under way that the model's batch is
 * full. One that fails does so alone. Thread-safe.
 */
public final class AnswerBatches {

  private static final int MOST_QUESTIONS = 64;

  private final Function<Question, QuestionRoute> routes;
  private final BiFunction<Question, QuestionRoute, OpenAnswer> starter;
  private final long mostTokens;

  /**
   * Creates it.
   *
   * @param routes encodes a question
   * @param starter starts to answer one
   * @param mostTokens under way, the longest answers included; one question alone may have more
   */
  public AnswerBatches(
      Function<Question, QuestionRoute> routes,
      BiFunction<Question, QuestionRoute, OpenAnswer> starter,
      long mostTokens) {
    this.routes = routes;
    this.starter = starter;
    this.mostTokens = mostTokens;
  }

  /** One of the questions: where it is, or why it failed. */
  private static final class Asked {

    private final Question question;
    private QuestionRoute route;
    private long tokens; // of the prompt and of the longest answer to it
    private OpenAnswer answer;
    private Optional<MoaException> failure = Optional.empty();

    private Asked(Question question) {
      this.question = Objects.requireNonNull(question, "question");
    }

    private Outcome outcome() {
      if (failure.isPresent()) {
        return failed(failure.get());
      }
      try {
        Answer whole = answer.answer();
        return new Outcome(question, Optional.of(whole), Optional.empty());
      } catch (MixtureClosedException | AnswerInterruptedException e) {
        throw e;
      } catch (MoaException e) {
        return failed(e);
      }
    }

    private Outcome failed(MoaException why) {
      return new Outcome(question, Optional.empty(), Optional.of(why));
    }
  }

  /**
   * Answers questions.
   *
   * @param questions asked for the next one when there is room
   * @param outcomes told each in the order of the questions, in this thread
   * @throws MixtureClosedException if the mixture is closed meanwhile
   * @throws AnswerInterruptedException if the thread is interrupted
   */
  public void answer(Iterator<Question> questions, Consumer<Outcome> outcomes) {
    Deque<Asked> running = new ArrayDeque<>();
    Optional<Asked> next = Optional.empty();
    long tokens = 0;
    try {
      do {
        while (running.size() < MOST_QUESTIONS && (next.isPresent() || questions.hasNext())) {
          Asked asked = next.isPresent() ? next.get() : encoded(questions.next());
          next = Optional.of(asked);
          boolean fits = running.isEmpty() || tokens + asked.tokens <= mostTokens;
          if (!fits || !started(asked, running.isEmpty())) {
            break;
          }
          next = Optional.empty();
          running.add(asked);
          tokens += asked.tokens;
        }
        if (!running.isEmpty()) {
          Outcome outcome = running.element().outcome();
          tokens -= running.remove().tokens;
          outcomes.accept(outcome);
        }
      } while (!running.isEmpty() || next.isPresent() || questions.hasNext());
    } finally {
      running.removeIf(asked -> asked.answer == null);
      running.forEach(asked -> asked.answer.cancel());
      running.forEach(asked -> asked.answer.close());
    }
  }

  private Asked encoded(Question question) {
    Asked asked = new Asked(question);
    try {
      asked.route = routes.apply(question);
      asked.tokens = (long) asked.route.prompt().length + question.options().maxNewTokens();
    } catch (MixtureClosedException e) {
      throw e;
    } catch (MoaException e) {
      asked.failure = Optional.of(e);
    }
    return asked;
  }

  /**
   * Starts a question that has not failed.
   *
   * @param last whether none is under way whose end could make room in the generator's queue
   * @return false if there is no room yet
   */
  private boolean started(Asked asked, boolean last) {
    if (asked.failure.isPresent()) {
      return true;
    }
    try {
      asked.answer = starter.apply(asked.question, asked.route);
      return true;
    } catch (MixtureClosedException e) {
      throw e;
    } catch (QueueFullException e) {
      asked.failure = last ? Optional.of(e) : Optional.empty();
      return last;
    } catch (MoaException e) {
      asked.failure = Optional.of(e);
      return true;
    }
  }
}
