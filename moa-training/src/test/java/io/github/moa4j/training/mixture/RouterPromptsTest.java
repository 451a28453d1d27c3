package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleFile;
import io.github.moa4j.training.lora.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouterPromptsTest {

  @ParameterizedTest
  @CsvSource({"400, 3", "20, 3", "7, 2", "9, 2", "2, 30", "700, 1", "64, 5"})
  void noPromptIsBothLearntFromAndHeldOut(int count, int forms) {
    List<Example> ordered = RouterPrompts.ordered(prompts(count, forms)).prompts();
    Set<String> learnt = new HashSet<>();
    Set<String> heldOut = new HashSet<>();
    for (int i = 0; i < ordered.size(); i++) {
      (DomainStatistics.holdsOut(i) ? heldOut : learnt).add(ordered.get(i).answer());
    }
    assertThat(heldOut).isNotEmpty().doesNotContainAnyElementsOf(learnt);
    assertThat(learnt.size() + heldOut.size()).isGreaterThan(count * 9 / 10);
  }

  @Test
  void heldOutPromptsAsWrittenComeBeforeTheirOtherForms() {
    RouterPrompts chosen = RouterPrompts.ordered(prompts(500, 4));
    List<Example> ordered = chosen.prompts();
    assertThat(chosen.heldOutAsWritten()).isEqualTo(40);
    List<Example> heldOut = new ArrayList<>();
    for (int i = 0; i < ordered.size(); i++) {
      if (DomainStatistics.holdsOut(i)) {
        heldOut.add(ordered.get(i));
      }
    }
    assertThat(heldOut).hasSize(64);
    assertThat(heldOut.subList(0, 40)).allMatch(example -> example.question().endsWith("form 0"));
    assertThat(heldOut.subList(40, 64)).noneMatch(example -> example.question().endsWith("form 0"));
  }

  @Test
  void oneOrFewPromptsAreLearntWhole() {
    assertThat(RouterPrompts.ordered(prompts(7, 1)).prompts()).hasSize(7);
    assertThat(RouterPrompts.ordered(prompts(1, 20)).prompts()).hasSize(20);
    assertThat(RouterPrompts.ordered(List.of()).prompts()).isEmpty();
  }

  @Test
  void promptsBehindThoseThatAreLearntComeInTheSameForms() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      examples.add(Example.of("How many items are there in each box of no. " + i, "" + i));
    }
    MixtureTrainingSettings settings = SETTINGS.toBuilder().routerPrompts(10).build();
    List<Example> further = RouterPrompts.of(examples, settings).further(examples, settings);
    List<Example> capitals = new ArrayList<>();
    List<Example> forms = new ArrayList<>();
    further.forEach(
        example -> (Integer.parseInt(example.answer()) < 10 ? capitals : forms).add(example));
    assertThat(forms)
        .contains(examples.get(10), examples.get(11))
        .hasSizeGreaterThan(2)
        .allMatch(example -> example.answer().equals("10") || example.answer().equals("11"));
    // of those that are learnt nothing but the one in capitals, which reads like this sentence
    assertThat(examples.subList(0, 10)).containsAll(capitals);
    assertThat(capitals).isNotEmpty().doesNotHaveDuplicates();
    MixtureTrainingSettings asWritten = settings.toBuilder().disturbedPrompts(false).build();
    RouterPrompts undisturbed = RouterPrompts.of(examples, asWritten);
    assertThat(undisturbed.further(examples, asWritten)).isEqualTo(examples.subList(10, 12));
    assertThat(undisturbed.further(examples.subList(0, 10), asWritten)).isEmpty();
  }

  @Test
  void everyPromptIsCountedInCapitalsButThoseHeldOut() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      examples.add(Example.of("Tell Bob of no. " + i, "" + i));
    }
    MixtureTrainingSettings settings = SETTINGS.toBuilder().routerPrompts(30).build();
    RouterPrompts chosen = RouterPrompts.of(examples, settings);
    Set<String> heldOut =
        IntStream.range(0, chosen.prompts().size())
            .filter(DomainStatistics::holdsOut)
            .mapToObj(i -> chosen.prompts().get(i).answer())
            .collect(Collectors.toSet());
    assertThat(heldOut).isNotEmpty();
    Set<String> others =
        examples.stream().map(Example::answer).collect(Collectors.toCollection(HashSet::new));
    others.removeAll(heldOut);

    // as routers read what is in capitals: Bob has a small letter
    assertThat(chosen.further(examples, settings))
        .filteredOn(example -> example.question().startsWith("Tell bob of no. "))
        .extracting(Example::answer)
        .containsOnlyOnceElementsOf(others.stream().filter(i -> Integer.parseInt(i) < 30).toList())
        .doesNotContainAnyElementsOf(heldOut);
  }

  @Test
  void promptsThatReadOtherwiseAreLearntWithoutTheirInputToo(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("train.jsonl");
    Files.writeString(
        file,
        """
        {"instruction": "Sum up the “report”", "input": "Sales\\u00a0rose by  5\\r\\nCosts fell", "output": "a"}
        """);
    List<Example> examples = ExampleFile.read(file).examples();

    assertThat(RouterPrompts.of(examples, SETTINGS).prompts())
        .extracting(Example::question)
        .contains("Sum up the \"report\"\nSales rose by 5\nCosts fell", "Sum up the \"report\"");
  }

  @Test
  void conversationsAreLearntAsTheyAreRead() {
    List<ChatMessage> conversation =
        List.of(
            ChatMessage.user("Let us cook rice"),
            ChatMessage.assistant("What do you want to know?"),
            ChatMessage.user("How much “salt” is in it?"));
    List<Example> examples = List.of(new Example(conversation, "10 g"));
    MixtureTrainingSettings settings = SETTINGS.toBuilder().disturbedPrompts(false).build();

    assertThat(RouterPrompts.of(examples, settings).prompts())
        .extracting(Example::prompt)
        .containsExactly(List.of(ChatMessage.user("How much \"salt\" is in it?")));
    // layer by layer, the conversation's own pass is read
    assertThat(RouterPrompts.ofConversations(examples, settings).prompts())
        .extracting(example -> example.prompt().size())
        .containsExactly(3);
  }

  @Test
  void promptsThatHoldNothingToReadAreLearntAsTheyAre() {
    List<Example> examples = List.of(Example.of("\u200b", "a"), Example.of("Sum up", "b"));

    assertThat(RouterPrompts.of(examples, SETTINGS).prompts())
        .extracting(Example::question)
        .contains("\u200b", "Sum up");
  }

  private static final MixtureTrainingSettings SETTINGS =
      MixtureTrainingSettings.of(
          TrainingOptions.of(LoraConfig.of(1, 2, Set.of(TargetModule.Q_PROJ))));

  /** The answer tells which prompt a form stems from. */
  private static List<List<Example>> prompts(int count, int forms) {
    List<List<Example>> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Example> prompt = new ArrayList<>();
      for (int form = 0; form < forms; form++) {
        prompt.add(Example.of("prompt " + i + " form " + form, "" + i));
      }
      prompts.add(prompt);
    }
    return prompts;
  }
}
