package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.training.data.Duplicates.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class DuplicateCheckTest {

  private static final String TABLE = " | 2019 | 2018\nUK | 83.2 | 73.5\nUSA | 222.2 | 199.0";
  private static final String QUESTION =
      "Which of the listed animals can fly far over the open sea without any rest at all";

  @Test
  void findsExamplesThatStandTwice() {
    Duplicates found =
        DuplicateCheck.within(
            List.of(Example.of("a b", "1"), Example.of("c", "2"), Example.of("a b", "1")));
    assertThat(found.examples()).containsExactly(new Pair(3, 1, 1));
    assertThat(found.prompts()).isEmpty();
    assertThat(found.nearPrompts()).isEmpty();
  }

  @Test
  void findsPromptsWithTwoAnswers() {
    Duplicates found =
        DuplicateCheck.within(List.of(Example.of("a b", "1"), Example.of("a b", "2")));
    assertThat(found.prompts()).containsExactly(new Pair(2, 1, 1));
    assertThat(found.examples()).isEmpty();
  }

  @Test
  void findsPromptsThatDifferInCaseAndPunctuation() {
    Duplicates found =
        DuplicateCheck.within(
            List.of(Example.of("Who plays it?", "1"), Example.of("who  plays: it", "1")));
    assertThat(found.nearPrompts()).containsExactly(new Pair(2, 1, 1));
  }

  @Test
  void findsPromptsThatDifferInTheirLastWord() {
    List<Example> examples =
        List.of(
            Example.of("Something else", "0"),
            Example.of(QUESTION, "1"),
            Example.of(QUESTION + " now", "2"),
            Example.of(QUESTION.replace("animals", "birds"), "3"));
    Duplicates found = DuplicateCheck.within(examples);
    assertThat(found.nearPrompts()).hasSize(1);
    assertThat(found.nearPrompts().get(0).line()).isEqualTo(3);
    assertThat(found.nearPrompts().get(0).otherLine()).isEqualTo(2);
    assertThat(found.nearPrompts().get(0).similarity()).isEqualTo(13.0 / 14, within(1e-12));
  }

  @Test
  void findsContextsThatTwoQuestionsShare() {
    Duplicates found =
        DuplicateCheck.between(
            List.of(Example.of("q\nshort", "0"), Example.of("What was it in 2019?\n" + TABLE, "1")),
            List.of(
                Example.of("How much did it grow?\n" + TABLE, "2"), Example.of("r\nshort", "0")));
    assertThat(found.contexts()).hasSize(1);
    assertThat(found.contexts().get(0).line()).isEqualTo(1);
    assertThat(found.contexts().get(0).otherLine()).isEqualTo(2);
    assertThat(found.isEmpty()).isTrue();
  }

  @Test
  void promptsWithoutWordsAreNoNearDuplicates() {
    assertThat(DuplicateCheck.within(List.of(Example.of("?", "1"), Example.of("!", "2"))).isEmpty())
        .isTrue();
  }

  @Test
  void findsWhatComparingAllPairsFinds() {
    Random random = new Random(5);
    List<Example> train = similarPrompts(random, 60);
    List<Example> others = similarPrompts(random, 60);
    Duplicates found = DuplicateCheck.between(train, others);
    List<Integer> lines = new ArrayList<>();
    Shingles shingles = new Shingles();
    List<int[]> left = train.stream().map(Example::prompt).map(shingles::of).toList();
    for (int i = 0; i < others.size(); i++) {
      int[] runs = shingles.of(others.get(i).prompt());
      double best =
          left.stream().mapToDouble(one -> Shingles.similarity(runs, one)).max().orElse(0);
      if (best >= DuplicateCheck.NEAR) {
        lines.add(i + 1);
      }
    }
    assertThat(lines).hasSizeBetween(5, 55);
    List<Pair> all = new ArrayList<>(found.nearPrompts());
    all.addAll(found.prompts());
    all.addAll(found.examples());
    assertThat(all).extracting(Pair::line).containsExactlyInAnyOrderElementsOf(lines);
  }

  @Test
  @Timeout(20)
  void comparesThousandsOfPromptsThatShareABoilerplateInSeconds() {
    Random random = new Random(1);
    String boilerplate = words(random, 60);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      examples.add(Example.of(boilerplate + " " + words(random, 40), "x"));
    }
    long start = System.nanoTime();
    assertThat(DuplicateCheck.within(examples).isEmpty()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  private static List<Example> similarPrompts(Random random, int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> words = new ArrayList<>();
      for (int j = 0; j < 40; j++) {
        words.add("w" + j);
      }
      for (int change = random.nextInt(3); change > 0; change--) {
        words.set(random.nextInt(40), "other" + random.nextInt(5));
      }
      examples.add(Example.of(String.join(" ", words), "a" + random.nextInt(2)));
    }
    return examples;
  }

  private static String words(Random random, int count) {
    return random.ints(count, 0, 3000).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }
}
