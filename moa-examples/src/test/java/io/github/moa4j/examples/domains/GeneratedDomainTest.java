package io.github.moa4j.examples.domains;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GeneratedDomainTest {

  private static final int TRAIN = 3000;
  private static final int HELD_OUT = 200;

  static Stream<GeneratedDomain> domains() {
    return Stream.concat(
        GeneratedDomains.all().stream(),
        Stream.of(
            GeneratedDomains.addition(),
            GeneratedDomains.clinical(),
            GeneratedDomains.finance(),
            GeneratedDomains.machine()));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void makesAsManyExamplesAsAskedFor(GeneratedDomain domain) {
    GeneratedExamples examples = domain.generate(TRAIN, HELD_OUT, 1);
    assertThat(examples.train()).hasSize(TRAIN);
    assertThat(examples.heldOut()).hasSize(HELD_OUT);
    assertThat(examples.unseen()).hasSize(HELD_OUT);
  }

  @ParameterizedTest
  @MethodSource("domains")
  void noHeldOutCombinationIsTrainedOn(GeneratedDomain domain) {
    GeneratedExamples examples = domain.generate(TRAIN, HELD_OUT, 1);
    Set<String> answers = answers(examples.train());
    assertThat(examples.heldOut()).noneMatch(example -> answers.contains(example.answer()));
    Set<List<ChatMessage>> prompts = prompts(examples.train());
    assertThat(examples.heldOut()).noneMatch(example -> prompts.contains(example.prompt()));
    assertThat(examples.unseen()).noneMatch(example -> answers.contains(example.answer()));
    assertThat(examples.unseen()).noneMatch(example -> prompts.contains(example.prompt()));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void noSeedTrainsOnWhatAnotherHoldsOut(GeneratedDomain domain) {
    Set<String> answers = answers(domain.generate(TRAIN, 1, 2).train());
    assertThat(domain.generate(1, HELD_OUT, 1).heldOut())
        .noneMatch(example -> answers.contains(example.answer()));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void noExampleStandsTwice(GeneratedDomain domain) {
    GeneratedExamples examples = domain.generate(TRAIN, HELD_OUT, 1);
    assertThat(prompts(examples.train())).hasSize(TRAIN);
    assertThat(prompts(examples.heldOut())).hasSize(HELD_OUT);
    assertThat(prompts(examples.unseen())).hasSize(HELD_OUT);
  }

  @ParameterizedTest
  @MethodSource("domains")
  void everyRequestHasOneAnswer(GeneratedDomain domain) {
    Map<List<ChatMessage>, String> answers = new HashMap<>();
    for (long seed = 0; seed < 5; seed++) {
      for (Example example : domain.generate(TRAIN, HELD_OUT, seed).train()) {
        String earlier = answers.putIfAbsent(example.prompt(), example.answer());
        assertThat(earlier).isIn(null, example.answer());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("domains")
  void sameSeedMakesTheSameExamples(GeneratedDomain domain) {
    assertThat(domain.generate(100, 20, 3)).isEqualTo(domain.generate(100, 20, 3));
    assertThat(domain.generate(100, 20, 3)).isNotEqualTo(domain.generate(100, 20, 4));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void moreExamplesBeginWithTheSame(GeneratedDomain domain) {
    GeneratedExamples few = domain.generate(100, 20, 3);
    assertThat(domain.generate(200, 40, 3).train()).startsWith(few.train().toArray(Example[]::new));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void examplesAreShort(GeneratedDomain domain) {
    for (Example example : domain.generate(TRAIN, HELD_OUT, 1).train()) {
      assertThat(example.prompt().get(0).content()).hasSizeLessThan(200).doesNotContain("\n");
      assertThat(example.answer()).hasSizeLessThan(200).doesNotContain("\n");
    }
  }

  @Test
  void kindsToPractiseOnAreOtherWork() {
    Set<String> answers = new HashSet<>();
    GeneratedDomains.all()
        .forEach(domain -> answers.addAll(answers(domain.generate(TRAIN, 1, 1).train())));
    for (GeneratedDomain practice : GeneratedDomains.practice()) {
      assertThat(practice.patterns()).as(practice.name()).isGreaterThanOrEqualTo(35);
      List<Example> train = practice.generate(TRAIN, 1, 1).train();
      assertThat(Collections.disjoint(answers(train), answers)).as(practice.name()).isTrue();
      assertThat(train)
          .allMatch(example -> example.prompt().get(0).content().length() < 200)
          .allMatch(example -> example.answer().length() < 200);
    }
  }

  @Test
  void everyKindOfWorkHasSixtyWordings() {
    assertThat(GeneratedDomains.all()).allMatch(domain -> domain.patterns() >= 60);
    assertThat(GeneratedDomains.none().patterns()).isGreaterThanOrEqualTo(50);
  }

  @Test
  void namesThatAreHeldBackStandInNoTrainingExample() {
    List<Example> train = GeneratedDomains.all().get(4).generate(TRAIN, 1, 1).train();
    assertThat(train).noneMatch(example -> example.answer().matches(".*(Tariq|Zurich|nursery).*"));
  }

  @Test
  void anAnswerWithoutValuesIsLearnt() {
    GeneratedDomain cron = GeneratedDomains.all().get(0);
    GeneratedExamples examples = cron.generate(TRAIN, HELD_OUT, 1);
    assertThat(answers(examples.train())).contains("* * * * *");
    assertThat(answers(examples.heldOut())).allMatch(answer -> answer.matches(".*[0-9].*"));
    assertThat(answers(examples.unseen())).allMatch(answer -> answer.matches(".*[0-9].*"));
  }

  @Test
  void whatIsNoWorkIsAnsweredInOneWay() {
    GeneratedExamples none = GeneratedDomains.none().generate(500, 100, 1);
    assertThat(Stream.of(none.train(), none.heldOut(), none.unseen()).flatMap(List::stream))
        .allMatch(example -> example.answer().equals("That is none of my kinds of work."));
  }

  @Test
  void domainsDoNotShareRequests() {
    List<Set<List<ChatMessage>>> all =
        domains().map(domain -> prompts(domain.generate(TRAIN, HELD_OUT, 1).train())).toList();
    Set<List<ChatMessage>> union = new HashSet<>();
    all.forEach(union::addAll);
    assertThat(union).hasSize(all.size() * TRAIN);
  }

  @Test
  void writesTheFolderThatTrainingReads(@TempDir Path folder) {
    GeneratedDomains.writeTo(folder, GeneratedDomains.all(), 50, 10, 1);
    List<Domain> read = Domains.read(folder);
    assertThat(read)
        .extracting(Domain::name)
        .containsExactly("cron", "logs", "shell", "sql", "tools");
    GeneratedExamples sql = GeneratedDomains.all().get(3).generate(50, 10, 1);
    assertThat(read.get(3).train()).isEqualTo(sql.train());
    assertThat(read.get(3).validation()).isEqualTo(sql.heldOut());
  }

  @Test
  void refusesMoreExamplesThanThereAreCombinations() {
    GeneratedDomain tiny = new GeneratedDomain("tiny", GeneratedDomain.Style.MACHINE, "tiny.txt");
    assertThatThrownBy(() -> tiny.generate(2, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Domain 'tiny' cannot make 2 different");
  }

  private static Set<String> answers(List<Example> examples) {
    Set<String> answers = new HashSet<>();
    examples.forEach(example -> answers.add(example.answer()));
    return answers;
  }

  private static Set<List<ChatMessage>> prompts(List<Example> examples) {
    Set<List<ChatMessage>> prompts = new HashSet<>();
    examples.forEach(example -> prompts.add(example.prompt()));
    return prompts;
  }
}
