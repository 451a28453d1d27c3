package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.moa4j.core.model.AdapterChoice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class GenerationOptionsTest {

  @Test
  void startsGreedyWithoutFilters() {
    GenerationOptions options = GenerationOptions.builder().build();
    assertThat(options.temperature()).isZero();
    assertThat(options.maxNewTokens()).isEqualTo(256);
    assertThat(options.topK()).isZero();
    assertThat(options.topP()).isEqualTo(1);
    assertThat(options.minP()).isZero();
    assertThat(options.repetitionPenalty()).isEqualTo(1);
    assertThat(options).isEqualTo(GenerationOptions.greedy(256));
  }

  @Test
  void drawsFollowASeedOnlyIfOneIsGiven() {
    assertThat(GenerationOptions.builder().build().seeded()).isFalse();
    GenerationOptions options = GenerationOptions.builder().seed(0).build();
    assertThat(options.seeded()).isTrue();
    assertThat(options.seed()).isZero();
  }

  @Test
  void namesWhatIsOutOfRange() {
    refuses("maxNewTokens", builder -> builder.maxNewTokens(0));
    refuses("temperature", builder -> builder.temperature(-0.1));
    refuses("temperature", builder -> builder.temperature(Double.NaN));
    refuses("temperature", builder -> builder.temperature(Double.POSITIVE_INFINITY));
    refuses("topK", builder -> builder.topK(-1));
    refuses("topP", builder -> builder.topP(0));
    refuses("topP", builder -> builder.topP(1.01));
    refuses("topP", builder -> builder.topP(Double.NaN));
    refuses("minP", builder -> builder.minP(-0.01));
    refuses("minP", builder -> builder.minP(1.01));
    refuses("repetitionPenalty", builder -> builder.repetitionPenalty(0));
    refuses("repetitionPenalty", builder -> builder.repetitionPenalty(Double.NaN));
    refuses("stop string", builder -> builder.stopString(""));
    refuses("half a character", builder -> builder.stopString("\uDE00"));
  }

  private static void refuses(String name, UnaryOperator<GenerationOptions.Builder> setting) {
    GenerationOptions.Builder builder = setting.apply(GenerationOptions.builder());
    assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining(name);
  }

  @Test
  void keepsCopiesOfItsCollections() {
    Set<Integer> tokens = new HashSet<>(Set.of(3));
    GenerationOptions.Builder builder =
        GenerationOptions.builder().stopTokens(tokens).stopString("a");
    GenerationOptions options = builder.build();
    tokens.add(4);
    builder.stopString("b");
    assertThat(options.stopTokens()).containsExactly(3);
    assertThat(options.stopStrings()).isEqualTo(List.of("a"));
  }

  @Test
  void requestNeedsAPrompt() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new GenerationRequest(
                    new int[0], AdapterChoice.base(), GenerationOptions.greedy(1)))
        .withMessageContaining("prompt is empty");
  }
}
