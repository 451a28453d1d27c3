package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationResult.Token;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Against a forward pass over prompt and answer, summed up in doubles. */
@TestInstance(Lifecycle.PER_CLASS)
final class LogProbabilitiesTest {

  private static final double TOLERANCE = 1e-4;

  private Fixture fixture;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
  }

  @AfterAll
  void close() {
    fixture.close();
  }

  private static GenerationOptions.Builder asking(int best) {
    return GenerationOptions.builder().maxNewTokens(12).logProbabilities(best);
  }

  /** Log probabilities [answer's tokens][vocabulary]. */
  private double[][] expected(GenerationRequest request, AdapterChoice choice, int[] answer) {
    int prompt = request.prompt().length;
    int[] all = Arrays.copyOf(request.prompt(), prompt + answer.length);
    System.arraycopy(answer, 0, all, prompt, answer.length);
    Decoder decoder = fixture.model().unwrap(Decoder.class);
    double[][] rows = new double[answer.length][];
    try (NDManager scope = decoder.newScope()) {
      float[] logits =
          decoder.logits(scope, TokenBatch.of(List.of(all)), List.of(choice)).toFloatArray();
      int vocabulary = logits.length / all.length;
      for (int i = 0; i < answer.length; i++) {
        int from = (prompt - 1 + i) * vocabulary;
        double sum =
            IntStream.range(0, vocabulary).mapToDouble(id -> Math.exp(logits[from + id])).sum();
        rows[i] =
            IntStream.range(0, vocabulary)
                .mapToDouble(id -> logits[from + id] - Math.log(sum))
                .toArray();
      }
    }
    return rows;
  }

  private void assertExpected(
      GenerationRequest request, AdapterChoice choice, GenerationResult result, int best) {
    double[][] expected = expected(request, choice, result.tokens());
    assertThat(result.logProbabilities().stream().mapToInt(Token::id).toArray())
        .isEqualTo(result.tokens());
    for (int i = 0; i < expected.length; i++) {
      double[] all = expected[i];
      Token token = result.logProbabilities().get(i);
      assertThat(token.logProbability()).isCloseTo(all[token.id()], within(TOLERANCE));
      int[] ranked =
          IntStream.range(0, all.length)
              .boxed()
              .sorted(Comparator.comparingDouble(id -> -all[id]))
              .mapToInt(Integer::intValue)
              .toArray();
      assertThat(token.best()).hasSize(best);
      for (int rank = 0; rank < best; rank++) {
        assertThat(token.best().get(rank).logProbability())
            .isCloseTo(all[ranked[rank]], within(TOLERANCE))
            .isCloseTo(all[token.best().get(rank).id()], within(TOLERANCE));
        assertThat(token.best().get(rank).best()).isEmpty();
      }
    }
  }

  @Test
  void areThoseOfAForwardPass() {
    AdapterChoice adapter = AdapterChoice.of(fixture.second());
    GenerationRequest greedy = Fixture.request(9, asking(5).build());
    GenerationRequest adapted =
        new GenerationRequest(Fixture.prompt(7, 3), adapter, asking(0).build());
    assertExpected(greedy, AdapterChoice.base(), generate(greedy), 5);
    assertExpected(adapted, adapter, generate(adapted), 0);
  }

  @Test
  void areTheModelsWhateverTheChoiceWasMadeBy() {
    for (GenerationOptions options :
        List.of(
            asking(3).temperature(5).seed(1).build(),
            asking(3).temperature(0.5).topP(0.5).seed(1).build(),
            asking(20).repetitionPenalty(1.8).build(),
            asking(2).constraint(Constraint.regex("[a-z ]{12,60}")).build())) {
      GenerationRequest request = Fixture.request(11, options);
      int best = options.logProbabilities().orElseThrow();
      assertExpected(request, AdapterChoice.base(), generate(request), best);
    }
  }

  @Test
  void areToldToThoseWhoAskOnly() {
    List<GenerationRequest> requests =
        List.of(
            Fixture.request(5, GenerationOptions.greedy(12)),
            Fixture.request(9, asking(5).build()),
            Fixture.request(6, GenerationOptions.greedy(3)),
            Fixture.request(11, asking(0).build()));
    List<GenerationResult> results = fixture.generator().generate(requests);
    assertThat(results.get(0).logProbabilities()).isEmpty();
    assertThat(results.get(2).logProbabilities()).isEmpty();
    assertExpected(requests.get(1), AdapterChoice.base(), results.get(1), 5);
    assertExpected(requests.get(3), AdapterChoice.base(), results.get(3), 0);
  }

  @Test
  void changeNothingOfTheAnswer() {
    GenerationOptions.Builder options = GenerationOptions.builder().temperature(1).seed(5);
    int[] without = generate(Fixture.request(9, options.build())).tokens();
    int[] with = generate(Fixture.request(9, options.logProbabilities(7).build())).tokens();
    assertThat(with).isEqualTo(without);
  }

  @Test
  void theTokensOfAnAnswerAreItsText() {
    GenerationResult result = generate(Fixture.request(14, asking(2).maxNewTokens(40).build()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    result.logProbabilities().forEach(token -> bytes.writeBytes(token.bytes()));
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(result.text());
    for (Token token : result.logProbabilities()) {
      assertThat(token.text()).isNotEmpty();
    }
  }

  @Test
  void comeWithThePieceTheyBelongTo() {
    GenerationRequest request = Fixture.request(14, asking(1).maxNewTokens(40).build());
    List<Token> all = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringBuilder text = new StringBuilder();
    try (TextStream stream = fixture.generator().stream(request)) {
      while (stream.hasNext()) {
        text.append(stream.next());
        List<Token> some = stream.tokens();
        some.forEach(token -> bytes.writeBytes(token.bytes()));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).startsWith(text.toString());
        all.addAll(some);
      }
      all.addAll(stream.tokens());
      assertThat(stream.tokens()).isEmpty();
      assertThat(all).isEqualTo(stream.result().logProbabilities());
    }
  }

  @Test
  void refusesToTellMoreThanAHundred() {
    for (int wrong : new int[] {-1, 101}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> asking(wrong).build())
          .withMessageContaining("0 to 100");
    }
  }

  private GenerationResult generate(GenerationRequest request) {
    return fixture.generator().generate(request, text -> {});
  }
}
