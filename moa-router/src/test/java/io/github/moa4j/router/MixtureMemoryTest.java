package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.model.internal.Decoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is asked of a mixture, it leaves as many native arrays as it found. */
class MixtureMemoryTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(RoutingMode.class)
  void requestsLeaveNothingBehind(RoutingMode mode) {
    TestMixture files = TestMixture.in(folder);
    try (MixtureOfLoras mixture =
        MixtureOfLoras.builder(files.directory.directory())
            .routingMode(mode)
            .adapterMemoryBudget(0)
            .batchTokens(120)
            .open()) {
      mixture.generate(question(0));
      int before = live(mixture);
      for (int round = 0; round < 20; round++) {
        mixture.generate(question(round));
        mixture.route(question(round));
        mixture.generate(someBad(round));
        try (AnswerStream stream = mixture.stream(question(round))) {
          stream.next();
        }
        AnswerStream cancelled = mixture.stream(question(round));
        cancelled.cancel();
        cancelled.result();
        assertThatThrownBy(() -> mixture.stream(question(0).inDomain("nothing")))
            .isInstanceOf(MoaException.class);
      }
      assertThat(live(mixture)).isEqualTo(before);
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void aMixtureClosedUnderItsStreamsLeavesNothingBehind() {
    TestMixture files = TestMixture.in(folder);
    try (MixtureOfLoras other = MixtureOfLoras.builder(files.directory.directory()).open()) {
      int before = live(other);
      MixtureOfLoras mixture = MixtureOfLoras.builder(files.directory.directory()).open();
      AnswerStream begun = mixture.stream(question(1));
      begun.next();
      AnswerStream untouched = mixture.stream(question(2));
      assertThat(live(other)).isGreaterThan(before);

      mixture.close();
      untouched.close();

      assertThat(live(other)).isEqualTo(before);
    }
  }

  private static Question question(int seed) {
    return Question.of(TestMixture.prompt(seed % 2 == 0 ? "colours" : "numbers", seed))
        .with(GenerationOptions.greedy(4));
  }

  private static List<Question> someBad(int round) {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Question good = question(round + i);
      questions.add(i % 3 == 0 ? good.inDomain("nothing") : good);
    }
    questions.add(Question.of("red ".repeat(2 * TestMixture.CONTEXT)));
    return questions;
  }

  /** The arrays of the whole process. */
  private static int live(MixtureOfLoras mixture) {
    try (NDManager scope = mixture.base().unwrap(Decoder.class).newScope()) {
      return scope.getParentManager().getParentManager().getManagedArrays().size();
    }
  }
}
