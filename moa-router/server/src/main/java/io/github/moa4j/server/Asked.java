package io.github.moa4j.server;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.tool.ToolChoice;
import java.util.List;

/**
 * What a client asks for.
 *
 * @param format the form of the answer
 * @param model the name of the model that is to answer
 * @param prompts each is answered as many times as there are choices
 * @param toolChoice whether tools of the prompts may or must be called
 * @param choices the sampling and stop conditions of each answer to a prompt
 * @param streamed whether the answer comes in pieces
 * @param countsStreamed whether a streamed answer ends with its token counts
 * @param echo whether an answer begins with its prompt
 */
record Asked(
    ReplyFormat format,
    String model,
    List<Conversation> prompts,
    ToolChoice toolChoice,
    List<GenerationOptions> choices,
    boolean streamed,
    boolean countsStreamed,
    boolean echo) {

  /** Whether the answers come with log probabilities. */
  boolean tellsLogProbs() {
    return choices.get(0).logProbabilities().isPresent();
  }
}
