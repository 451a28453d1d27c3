package io.github.moa4j.router;

import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * Makes the prompts of a mixture: with the chat template and the variables that it has fixed, so
 * that what is trained, evaluated and served meets the same tokens. {@link MixtureBuilder} serves
 * so by itself; whoever trains or evaluates for a mixture takes its encoder from here.
 */
public final class MixturePrompts {

  private MixturePrompts() {}

  /**
   * Returns what makes a mixture's prompts.
   *
   * @param settings those of the mixture, {@link MixtureState#prompts}
   * @param base the base's directory, whose chat template serves where the mixture has fixed none
   * @param tokenizer the base's; stays the caller's
   * @throws io.github.moa4j.core.MoaException if there is no chat template, or it is not valid
   */
  public static PromptEncoder encoder(PromptSettings settings, Path base, TextTokenizer tokenizer) {
    ChatTemplate template =
        settings
            .chatTemplate()
            .map(text -> ChatTemplate.of(text, base))
            .orElseGet(() -> ChatTemplate.read(base));
    return new PromptEncoder(tokenizer, template, settings.variables());
  }

  /**
   * Refuses to add to a mixture what has learnt from other prompts than the mixture serves.
   *
   * @param prompts what it has learnt from
   * @throws MixtureException if the variables differ, or the mixture has fixed another template
   */
  public static void requireSame(MixtureDirectory mixture, PromptEncoder prompts) {
    PromptSettings fixed = mixture.state().prompts();
    String learnt = Json.compact(new TreeMap<>(prompts.variables()));
    String served = Json.compact(new TreeMap<>(fixed.variables()));
    boolean sameTemplate =
        fixed.chatTemplate().filter(text -> !text.equals(prompts.template().text())).isEmpty();
    if (!learnt.equals(served) || !sameTemplate) {
      throw new MixtureException(
          "The mixture in "
              + mixture.directory()
              + " serves prompts with the template variables "
              + served
              + (sameTemplate ? "" : " and a chat template of its own")
              + ", but the training used "
              + learnt
              + (sameTemplate ? "" : " and another template")
              + ". Train with MixturePrompts.encoder of the mixture's settings, or change those.");
    }
  }
}
