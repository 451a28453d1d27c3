package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mixture's prompts are made with. */
class MixturePromptsTest {

  private static final String TEMPLATE =
      "{{ mood }}:{% for m in messages %}{{ m.content }};{% endfor %}"
          + "{% for t in tools or [] %}{{ t.name }}{% endfor %}";

  @TempDir private Path folder;
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  private MixtureBuilder builder() {
    return MixtureOfLoras.builder(files.directory.directory());
  }

  private void fix(String mood) {
    files.directory.setPrompts(new PromptSettings(Map.of("mood", mood), Optional.of(TEMPLATE)));
  }

  private static String prompt(MixtureOfLoras mixture, Conversation conversation) {
    return mixture.prompts().tokenizer().decode(mixture.prompts().encode(conversation));
  }

  private static int promptTokens(MixtureOfLoras mixture, Conversation conversation) {
    Question question = Question.of(conversation).with(GenerationOptions.greedy(1));
    return mixture.generate(question).generation().promptTokens();
  }

  @Test
  void areThoseThatTheMixtureHasFixed() {
    fix("calm");
    Conversation red = Conversation.of(ChatMessage.user("red"));
    try (MixtureOfLoras mixture = builder().open()) {
      assertThat(prompt(mixture, red)).isEqualTo("calm:red;");
      assertThat(promptTokens(mixture, red))
          .isEqualTo(mixture.prompts().tokenizer().encode("calm:red;").length);
    }
  }

  @Test
  void mayBeGivenWhereTheMixtureIsOpenedAndByAQuestion() {
    fix("calm");
    Conversation red = Conversation.of(ChatMessage.user("red"));
    try (MixtureOfLoras mixture = builder().variable("mood", "wild").open()) {
      assertThat(prompt(mixture, red)).isEqualTo("wild:red;");
      assertThat(prompt(mixture, red.with("mood", "sad"))).isEqualTo("sad:red;");
      Conversation talkative = red.with("mood", "so very, very sad that there is no word for it");
      assertThat(promptTokens(mixture, talkative)).isGreaterThan(promptTokens(mixture, red));
      Conversation tools = red.withTools("[{\"name\": \"paint\"}]");
      assertThat(prompt(mixture, tools)).isEqualTo("wild:red;paint");
      assertThat(promptTokens(mixture, tools)).isGreaterThan(promptTokens(mixture, red));
    }
    try (MixtureOfLoras mixture = builder().chatTemplate("{{ messages[0].content }}").open()) {
      assertThat(prompt(mixture, red)).isEqualTo("red");
    }
  }

  @Test
  void needATemplateWhichABaseMayLack() throws IOException {
    Path config = files.base.resolve("tokenizer_config.json");
    Files.writeString(config, "{}");
    assertThatThrownBy(() -> builder().open())
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("has no chat template");
    builder().chatTemplate(TEMPLATE).open().close();
    fix("calm");
    builder().open().close();
  }

  @Test
  void areNotTakenOverFromAMixtureThatHasChangedThem() {
    try (MixtureOfLoras mixture = builder().open()) {
      files.directory.addDomain("shapes", files.adapter(4));
      fix("wild");
      assertThatThrownBy(mixture::refresh)
          .isInstanceOf(MixtureException.class)
          .hasMessageContaining("open it again");
      assertThat(mixture.registry().domains()).doesNotContain("shapes");
      assertThat(prompt(mixture, Conversation.of(ChatMessage.user("red")))).doesNotContain("wild");
    }
  }

  @Test
  void areHeldAgainstThoseOfATraining() {
    try (TextTokenizer tokenizer = TextTokenizer.open(files.base)) {
      PromptEncoder plain = MixturePrompts.encoder(PromptSettings.NONE, files.base, tokenizer);
      MixturePrompts.requireSame(files.directory, plain);
      fix("calm");
      assertThatThrownBy(() -> MixturePrompts.requireSame(files.directory, plain))
          .isInstanceOf(MixtureException.class)
          .hasMessageContaining("{\"mood\":\"calm\"} and a chat template of its own");
      PromptSettings fixed = files.directory.state().prompts();
      MixturePrompts.requireSame(
          files.directory, MixturePrompts.encoder(fixed, files.base, tokenizer));
      PromptSettings wild = new PromptSettings(Map.of("mood", "wild"), Optional.of(TEMPLATE));
      assertThatThrownBy(
              () ->
                  MixturePrompts.requireSame(
                      files.directory, MixturePrompts.encoder(wild, files.base, tokenizer)))
          .isInstanceOf(MixtureException.class)
          .hasMessageContaining("but the training used {\"mood\":\"wild\"}.");
    }
  }

  @Test
  void thatAreEmptyAreRefused() {
    try (MixtureOfLoras mixture = builder().chatTemplate("{# nothing #}").open()) {
      assertThatThrownBy(() -> mixture.generate(Question.of("red")))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("empty prompt");
    }
  }
}
