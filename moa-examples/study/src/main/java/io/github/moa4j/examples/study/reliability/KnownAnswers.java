package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.synthetic.RandomQuestions;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Questions, and what each adapter answers to each when nobody else asks. */
final class KnownAnswers {

  /** Every adapter of every domain is made of one of these. */
  static final List<Long> SEEDS = List.of(101L, 102L, 103L);

  /** Deviation of their parameters, so that they answer differently. */
  static final double STRONG = 0.1;

  private static final int QUESTIONS = 24;
  private static final int MOST_PROMPT = 120; // tokens
  private static final int MOST_ANSWER = 24; // tokens

  private final List<Question> questions;
  private final int[][][] tokens; // [question][seed]
  private final long bytesOfOne;

  private KnownAnswers(List<Question> questions, int[][][] tokens, long bytesOfOne) {
    this.questions = questions;
    this.tokens = tokens;
    this.bytesOfOne = bytesOfOne;
  }

  /** Asks all questions of all adapters, one after the other. */
  static KnownAnswers ask(
      MixtureDirectory directory, SyntheticMixture synthetic, WeightFormat format) {
    String domain = SyntheticMixture.domains(1).get(0);
    try (MixtureOfLoras mixture =
        MixtureOfLoras.builder(directory.directory())
            .weightFormat(format)
            .router(synthetic.router(EnduranceRun.DOMAINS))
            .prefixMemoryBudget(0)
            .open()) {
      List<Question> questions = questions(mixture);
      int[][][] tokens = new int[QUESTIONS][SEEDS.size()][];
      for (int seed = 0; seed < SEEDS.size(); seed++) {
        directory.replaceDomain(domain, synthetic.adapter(SEEDS.get(seed), STRONG));
        mixture.refresh();
        for (int i = 0; i < QUESTIONS; i++) {
          tokens[i][seed] =
              mixture.generate(questions.get(i).inDomain(domain)).generation().tokens();
        }
      }
      return new KnownAnswers(questions, tokens, mixture.registry().residentBytes());
    }
  }

  private static List<Question> questions(MixtureOfLoras mixture) {
    RandomQuestions texts = new RandomQuestions(mixture, 1);
    Random random = new Random(1);
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      questions.add(texts.next(8 + random.nextInt(MOST_PROMPT), 1 + random.nextInt(MOST_ANSWER)));
    }
    return questions;
  }

  int size() {
    return questions.size();
  }

  Question question(int number) {
    return questions.get(number);
  }

  /** Returns how many questions all adapters answer differently. */
  long distinct() {
    return Arrays.stream(tokens)
        .filter(
            answers ->
                Arrays.stream(answers).map(Arrays::toString).distinct().count() == answers.length)
        .count();
  }

  /** Returns the bytes that one adapter takes in memory. */
  long bytesOfOne() {
    return bytesOfOne;
  }

  /**
   * Tells whether an answer is what the adapter of a seed says.
   *
   * @param whole whether it had the time to end; otherwise a beginning is right
   */
  boolean isRight(int question, int seed, GenerationResult answer, boolean whole) {
    int[] known = tokens[question][seed];
    int[] found = answer.tokens();
    return whole
        ? Arrays.equals(known, found)
        : found.length <= known.length
            && Arrays.equals(known, 0, found.length, found, 0, found.length);
  }
}
