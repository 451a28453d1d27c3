package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.EncodedExample;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Looks at every example before the first step: one that the model cannot run would end a training
 * hours later.
 */
public final class TrainingFit {

  private TrainingFit() {}

  /**
   * Checks that examples fit a model's context and vocabulary and, for an activated adapter, hold
   * its invocation tokens.
   *
   * @param name tells where the example of an index comes from, such as {@code sql/train.jsonl,
   *     line 17}
   * @throws DatasetException naming the first example that cannot be trained on, and what to do
   */
  public static void check(
      BaseModel model, LoraConfig lora, List<EncodedExample> examples, IntFunction<String> name) {
    for (int i = 0; i < examples.size(); i++) {
      EncodedExample example = examples.get(i);
      if (example.tokens().length > model.contextLength()) {
        throw new DatasetException(
            ("%s: prompt and answer have %d and %d tokens, but the base takes %d in all; leave the"
                    + " example out, or lower maxPromptTokens or maxAnswerTokens")
                .formatted(
                    name.apply(i),
                    example.promptLength(),
                    example.answerLength(),
                    model.contextLength()));
      }
      for (int token : example.tokens()) {
        if (token >= model.vocabSize()) {
          throw new DatasetException(
              "%s: holds the token %d, but the base knows %d; the tokenizer is another model's"
                  .formatted(name.apply(i), token, model.vocabSize()));
        }
      }
      if (lora.activationPosition(example.prompt()).isEmpty()) {
        throw new DatasetException(
            ("%s: its prompt of %d tokens does not hold the invocation tokens %s of the activated"
                    + " adapter; take those that the chat template opens the assistant's turn with,"
                    + " and a maxPromptTokens that leaves room for them")
                .formatted(name.apply(i), example.promptLength(), lora.aloraInvocationTokens()));
      }
    }
  }
}
