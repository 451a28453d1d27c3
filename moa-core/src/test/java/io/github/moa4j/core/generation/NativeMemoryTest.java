package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.AnswerTargets;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a request does, it leaves as many native arrays as it found. */
@TestInstance(Lifecycle.PER_CLASS)
final class NativeMemoryTest {

  private Fixture fixture;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
  }

  @AfterAll
  void close() {
    fixture.close();
  }

  /** The arrays of the whole process, and what the model's own manager holds directly. */
  private String live() {
    try (NDManager scope = fixture.model().newScope()) {
      NDManager own = scope.getParentManager();
      int arrays = own.getParentManager().getManagedArrays().size();
      assertThat(arrays).isGreaterThanOrEqualTo(own.getManagedArrays().size()).isPositive();
      return arrays + " arrays, " + own;
    }
  }

  @Test
  void requestsLeaveNothingBehind() {
    Random random = new Random(3);
    String before = live();
    for (int i = 0; i < 300; i++) {
      switch (i % 6) {
        case 0 -> fixture.generator().generate(List.of(any(random), any(random), any(random)));
        case 1 -> cancelled(any(random));
        case 2 -> closedEarly(any(random));
        case 3 -> failingConsumer(any(random));
        case 4 -> refused();
        default -> fixture.model().promptStates(List.of(any(random).prompt(), new int[] {5}));
      }
    }
    assertThat(live()).isEqualTo(before);
  }

  private GenerationRequest any(Random random) {
    AdapterChoice choice =
        random.nextBoolean()
            ? AdapterChoice.base()
            : AdapterChoice.from(fixture.first(), random.nextInt(5));
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(1 + random.nextInt(10)).temperature(1).build();
    return new GenerationRequest(
        Fixture.prompt(1 + random.nextInt(60), random.nextLong()), choice, options);
  }

  private void cancelled(GenerationRequest request) {
    TextStream stream = fixture.generator().stream(request);
    readOnce(stream);
    stream.cancel();
    stream.forEachRemaining(text -> {});
  }

  private void closedEarly(GenerationRequest request) {
    try (TextStream stream = fixture.generator().stream(request)) {
      readOnce(stream);
    }
  }

  private static void readOnce(TextStream stream) {
    if (stream.hasNext()) {
      stream.next();
    }
  }

  private void failingConsumer(GenerationRequest request) {
    try {
      fixture
          .generator()
          .generate(
              request,
              text -> {
                throw new IllegalStateException("consumer");
              });
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("consumer");
    }
  }

  private void refused() {
    GenerationRequest foreign =
        new GenerationRequest(
            new int[] {4, 9999}, AdapterChoice.base(), GenerationOptions.greedy(3));
    GenerationRequest fits = Fixture.request(6, GenerationOptions.greedy(3));
    assertThatThrownBy(() -> fixture.generator().generate(List.of(fits, foreign)))
        .isInstanceOf(IllegalArgumentException.class);
    TextStream stream = fixture.generator().stream(foreign);
    assertThatThrownBy(stream::next).isInstanceOf(IllegalArgumentException.class);
    GenerationRequest tooLong = Fixture.request(96, GenerationOptions.greedy(3));
    assertThatThrownBy(() -> fixture.generator().stream(tooLong))
        .isInstanceOf(ContextLengthException.class);
  }

  @Test
  void gradientStepsLeaveNothingBehind() {
    BaseModel model = fixture.model();
    TokenBatch batch =
        TokenBatch.rightPadded(List.of(Fixture.prompt(20, 1), Fixture.prompt(13, 2)));
    AnswerTargets targets = new AnswerTargets(new long[] {4, 5, 25}, new long[] {17, 18, 19});
    List<String> seen = new ArrayList<>();
    try (LoraParameters parameters = model.trainable(TestModels.randomAdapter(model, 4))) {
      for (int step = 0; step < 50; step++) {
        try (NDManager scope = model.newScope()) {
          List<NDArray> found =
              model.gradients(scope, parameters, batch, targets, new int[2], 1, 0.1, step);
          assertThat(found).hasSize(15);
          AnswerTargets outside = new AnswerTargets(new long[] {40}, new long[] {17});
          assertThatThrownBy(
                  () -> model.gradients(scope, parameters, batch, outside, new int[2], 1, 0, 0))
              .isInstanceOf(IllegalArgumentException.class);
        }
        try (LoraWeights weights = model.fuse(parameters)) {
          model.answerLosses(
              batch, List.of(AdapterChoice.of(weights), AdapterChoice.base()), targets);
        }
        seen.add(live());
      }
    }
    assertThat(seen).containsOnly(seen.get(0));
  }

  @Test
  void closedModelLeavesNothingBehind(@TempDir Path folder) {
    String before = live();
    Fixture.open(folder).close();
    assertThat(live()).isEqualTo(before);
  }
}
