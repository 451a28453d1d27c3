package io.github.moa4j.examples.study.synthetic;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.Random;

/** Questions of random words, which nobody has asked before. */
public final class RandomQuestions {

  private final MixtureOfLoras mixture;
  private final Random random;

  public RandomQuestions(MixtureOfLoras mixture, long seed) {
    this.mixture = mixture;
    this.random = new Random(seed);
  }

  /**
   * Returns a question that is answered greedily.
   *
   * @param promptTokens of the prompt, or some more
   */
  public Question next(int promptTokens, int maxNewTokens) {
    return Question.of(Conversation.of(ChatMessage.user(text(promptTokens))))
        .with(GenerationOptions.greedy(maxNewTokens));
  }

  /** Returns words whose prompt is of at least so many tokens, and as few more as a word has. */
  public String text(int tokens) {
    StringBuilder text = new StringBuilder();
    int length = 0;
    while (length < tokens) {
      for (int i = Math.max(1, (tokens - length) / 8); i > 0; i--) {
        text.append(text.length() > 0 ? " " : "")
            .append(Integer.toString(random.nextInt(46_656), 36));
      }
      Conversation prompt = Conversation.of(ChatMessage.user(text.toString()));
      length = mixture.prompts().encode(prompt).length;
    }
    return text.toString();
  }
}
