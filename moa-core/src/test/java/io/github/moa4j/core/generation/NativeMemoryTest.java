package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.internal.Decoder;
import java.nio.file.Path;
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
    try (NDManager scope = fixture.model().unwrap(Decoder.class).newScope()) {
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
  void closedModelLeavesNothingBehind(@TempDir Path folder) {
    String before = live();
    Fixture.open(folder).close();
    assertThat(live()).isEqualTo(before);
  }
}
