package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.generation.GenerationRequest.Sharing;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.text.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
final class PrefixReuseTest {

  private static final int BLOCK = 64;
  private static final int CONVERSATION = 1000;
  private static final GenerationOptions OPTIONS = GenerationOptions.greedy(12);

  private BaseModel model;
  private TextTokenizer tokenizer;
  private AppliedLora first;
  private AppliedLora second;
  private TextGenerator plain;
  private TextGenerator reusing;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    Path directory = TestModels.withTokenizer(folder.resolve("base"));
    Path config = directory.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceAll("\"max_position_embeddings\": \\d+", "\"max_position_embeddings\": 4096"));
    model = BaseModel.load(directory, WeightFormat.F32);
    tokenizer = TextTokenizer.open(directory);
    first = model.load(TestModels.randomAdapter(model, 1));
    second = model.load(TestModels.randomAdapter(model, 2));
    plain = new TextGenerator(model, tokenizer);
  }

  @AfterAll
  void close() {
    plain.close();
    first.close();
    second.close();
    tokenizer.close();
    model.close();
  }

  @BeforeEach
  void openStore() {
    reusing = withPrefixes(32L << 20);
  }

  @AfterEach
  void closeStore() {
    reusing.close();
  }

  private TextGenerator withPrefixes(long bytes) {
    return new TextGenerator(model, tokenizer, GenerationLimits.of(model).withPrefixBytes(bytes));
  }

  private GenerationResult ask(int[] prompt, AdapterChoice choice) {
    GenerationRequest request = new GenerationRequest(prompt, choice, OPTIONS);
    GenerationResult found = reusing.generate(request, text -> {});
    assertThat(found.tokens()).containsExactly(plain.generate(request, text -> {}).tokens());
    return found;
  }

  private static int[] followedBy(int[] start, int[] answer, int more, long seed) {
    int[] whole = Arrays.copyOf(start, start.length + answer.length + more);
    System.arraycopy(answer, 0, whole, start.length, answer.length);
    System.arraycopy(Fixture.prompt(more, seed), 0, whole, start.length + answer.length, more);
    return whole;
  }

  @Test
  void aConversationThatGoesOnRunsOnlyWhatIsNew() {
    for (AdapterChoice choice :
        List.of(
            AdapterChoice.base(),
            AdapterChoice.of(first),
            new AdapterChoice(List.of(first, second), List.of(.5f, .5f), 0))) {
      int[] prompt = Fixture.prompt(CONVERSATION, 1);
      GenerationResult begun = ask(prompt, choice);
      assertThat(begun.reusedTokens()).isZero();
      for (int turn = 0; turn < 3; turn++) {
        prompt = followedBy(prompt, begun.tokens(), 30, turn);
        begun = ask(prompt, choice);
        assertThat(begun.reusedTokens()).isGreaterThanOrEqualTo(prompt.length - 30 - BLOCK);
      }
    }
  }

  @Test
  void theSamePromptAgainRunsItsLastTokensAtLeast() {
    int[] prompt = Fixture.prompt(2 * BLOCK, 2);
    ask(prompt, AdapterChoice.of(first));
    assertThat(ask(prompt, AdapterChoice.of(first)).reusedTokens()).isEqualTo(2 * BLOCK - 2);
    int[] other = prompt.clone();
    other[BLOCK + 3]++;
    assertThat(ask(other, AdapterChoice.of(first)).reusedTokens()).isEqualTo(BLOCK);
  }

  @Test
  void anotherAdapterReusesNothingButWhatTheBaseRanBeforeIt() {
    int[] prompt = Fixture.prompt(5 * BLOCK, 3);
    ask(prompt, AdapterChoice.of(first));
    assertThat(ask(prompt, AdapterChoice.of(second)).reusedTokens()).isZero();
    assertThat(ask(prompt, AdapterChoice.base()).reusedTokens()).isZero();
    // Activated adapters of all domains share what comes before them with the base.
    int from = 4 * BLOCK + 10;
    assertThat(ask(prompt, AdapterChoice.from(first, from)).reusedTokens()).isEqualTo(4 * BLOCK);
    assertThat(ask(prompt, AdapterChoice.from(second, from)).reusedTokens()).isEqualTo(4 * BLOCK);
    assertThat(ask(prompt, AdapterChoice.from(second, from)).reusedTokens())
        .isEqualTo(5 * BLOCK - 2);
    assertThat(ask(prompt, AdapterChoice.from(second, from + 1)).reusedTokens())
        .isEqualTo(4 * BLOCK);
  }

  @Test
  void aNewVersionOfAnAdapterReusesNothingOfTheOldOne() {
    int[] prompt = Fixture.prompt(3 * BLOCK, 4);
    ask(prompt, AdapterChoice.of(first));
    try (AppliedLora again = model.load(TestModels.randomAdapter(model, 1));
        AppliedLora other = model.load(TestModels.randomAdapter(model, 7))) {
      assertThat(ask(prompt, AdapterChoice.of(again)).reusedTokens()).isZero();
      assertThat(ask(prompt, AdapterChoice.of(other)).reusedTokens()).isZero();
    }
  }

  @Test
  void theRoutersPassReusesItToo() {
    int[] prompt = Fixture.prompt(CONVERSATION, 5);
    int[] longer = followedBy(prompt, new int[] {5, 6, 7}, 40, 6);
    Seen whole = new Seen(AdapterChoice.of(first));
    plain.stream(new GenerationRequest(longer, whole, OPTIONS)).result();
    reusing.stream(new GenerationRequest(prompt, new Seen(AdapterChoice.of(second)), OPTIONS))
        .result();

    Seen seen = new Seen(AdapterChoice.of(first));
    reusing.stream(new GenerationRequest(longer, seen, OPTIONS)).result();

    for (int state = 0; state < whole.states.numStates(); state++) {
      assertThat(seen.states.mean()[state])
          .containsExactly(whole.states.mean()[state], within(1e-5f));
      assertThat(seen.states.last()[state])
          .containsExactly(whole.states.last()[state], within(1e-5f));
    }
    Seen base = new Seen(AdapterChoice.base());
    GenerationResult result = reusing.stream(new GenerationRequest(longer, base, OPTIONS)).result();
    assertThat(result.reusedTokens()).isEqualTo(longer.length - 2);
  }

  private static org.assertj.core.data.Offset<Float> within(float offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() {
    long bytesOfABlock = BLOCK * 2L * 2 * 2 * 8 * 4;
    reusing.close();
    reusing = withPrefixes(6 * bytesOfABlock);
    List<int[]> prompts = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      prompts.add(Fixture.prompt(2 * BLOCK + 9, 20 + seed));
    }
    prompts.forEach(prompt -> ask(prompt, AdapterChoice.base()));
    assertThat(ask(prompts.get(0), AdapterChoice.base()).reusedTokens()).isEqualTo(2 * BLOCK);
    ask(Fixture.prompt(2 * BLOCK + 9, 30), AdapterChoice.base());
    assertThat(ask(prompts.get(0), AdapterChoice.base()).reusedTokens()).isEqualTo(2 * BLOCK);
    assertThat(ask(prompts.get(1), AdapterChoice.base()).reusedTokens()).isZero();
    // A sequence longer than the store keeps its beginning.
    int[] tooLong = Fixture.prompt(9 * BLOCK, 40);
    ask(tooLong, AdapterChoice.base());
    assertThat(ask(tooLong, AdapterChoice.base()).reusedTokens()).isEqualTo(6 * BLOCK);
  }

  /** Remembers what a router would see. */
  private static final class Seen implements PromptRouting {

    private final AdapterChoice choice;
    private PromptStates states;

    Seen(AdapterChoice choice) {
      this.choice = choice;
    }

    @Override
    public OptionalInt depth() {
      return OptionalInt.of(2);
    }

    @Override
    public Object decide() {
      throw new IllegalStateException("States were asked for");
    }

    @Override
    public Object decide(PromptStates found) {
      states = found;
      return "";
    }

    @Override
    public AdapterChoice hold() {
      return choice;
    }

    @Override
    public void release() {
      // It holds nothing.
    }
  }

  @Test
  void groupsFindNothingOfEachOther() {
    int[] prompt = Fixture.prompt(3 * BLOCK, 77);
    assertThat(reusedBy("a", prompt)).isZero();
    assertThat(reusedBy("b", prompt)).isZero();
    assertThat(ask(prompt, AdapterChoice.base()).reusedTokens()).isZero();
    assertThat(reusedBy("a", prompt)).isEqualTo(reusedBy("b", prompt)).isPositive();
  }

  private int reusedBy(String group, int[] prompt) {
    GenerationRequest request =
        new GenerationRequest(
            prompt,
            new GenerationRequest.Known(AdapterChoice.base()),
            OPTIONS,
            new Sharing(group, false));
    return reusing.generate(List.of(request)).get(0).reusedTokens();
  }

  @Test
  void onePassIsForThoseWhoShareIt() {
    Sharing apart = new Sharing("a", true);
    assertThat(apart.pass()).isEqualTo(new Sharing("a", true).pass());
    assertThat(List.of(new Sharing("b", true), new Sharing("b", false), Sharing.EVERYTHING))
        .noneMatch(other -> other.pass().equals(apart.pass()));
    assertThat(new Sharing("b", false).pass()).isEqualTo(Sharing.EVERYTHING.pass());
  }

  @Test
  void answersApartAreThoseOfAnybody() {
    List<GenerationRequest> requests = new ArrayList<>();
    List<int[]> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int[] prompt = Fixture.prompt(20 + 9 * i, i);
      GenerationRequest.Known choice = new GenerationRequest.Known(AdapterChoice.of(first));
      requests.add(
          new GenerationRequest(prompt, choice, OPTIONS, new Sharing("group " + i % 3, i % 2 > 0)));
      expected.add(
          plain.generate(List.of(new GenerationRequest(prompt, choice, OPTIONS))).get(0).tokens());
    }
    assertThat(reusing.generate(requests).stream().map(GenerationResult::tokens).toList())
        .containsExactlyElementsOf(expected);
  }
}
