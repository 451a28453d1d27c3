package io.github.moa4j.djl;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Outcome;
import io.github.moa4j.router.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Answers inputs, all of a batch at once. The arrays that DJL passes between its steps stay empty.
 *
 * @param <I> the input
 * @param <O> the output
 */
final class MixtureTranslator<I, O> implements Translator<I, O> {

  private static final String OUTCOMES = "moa4j.outcomes";

  /** A question and its answer. */
  record Answered(QuestionReader.Asked asked, Answer answer) {}

  private record Held(List<QuestionReader.Asked> asked, List<Outcome> outcomes) {}

  private final MixtureOfLoras mixture;
  private final Function<Object, QuestionReader.Asked> reader;
  private final Function<Answered, O> writer;
  private final Function<MoaException, O> failures; // null where a failure has no output

  MixtureTranslator(
      MixtureOfLoras mixture,
      Function<Object, QuestionReader.Asked> reader,
      Function<Answered, O> writer,
      Function<MoaException, O> failures) {
    this.mixture = mixture;
    this.reader = reader;
    this.writer = writer;
    this.failures = failures;
  }

  /** Never asked to batch anything, as whole batches are processed below. */
  @Override
  public Batchifier getBatchifier() {
    return Batchifier.STACK;
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<I> inputs) {
    List<QuestionReader.Asked> asked = new ArrayList<>();
    for (I input : inputs) {
      asked.add(reader.apply(input));
    }
    List<Question> questions =
        asked.stream()
            .filter(QuestionReader.Asked::isWell)
            .map(QuestionReader.Asked::question)
            .toList();
    context.setAttachment(OUTCOMES, new Held(asked, mixture.generate(questions)));
    return new NDList();
  }

  @Override
  public List<O> batchProcessOutput(TranslatorContext context, NDList list)
      throws TranslateException {
    Held held = (Held) context.getAttachment(OUTCOMES);
    List<O> outputs = new ArrayList<>();
    int next = 0;
    for (QuestionReader.Asked asked : held.asked()) {
      MoaException failure = asked.failure();
      if (asked.isWell()) {
        Outcome outcome = held.outcomes().get(next++);
        if (outcome.answer().isPresent()) {
          outputs.add(writer.apply(new Answered(asked, outcome.answer().get())));
          continue;
        }
        failure = outcome.failure().orElseThrow();
      }
      if (failures == null) {
        throw new TranslateException(failure.getMessage(), failure);
      }
      outputs.add(failures.apply(failure));
    }
    return outputs;
  }

  @Override
  public NDList processInput(TranslatorContext context, I input) {
    return batchProcessInput(context, List.of(input));
  }

  @Override
  public O processOutput(TranslatorContext context, NDList list) throws TranslateException {
    return batchProcessOutput(context, list).get(0);
  }
}
