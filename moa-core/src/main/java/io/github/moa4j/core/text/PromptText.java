package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import java.util.Optional;

/**
 * The texts of prompts and answers, as one chat template writes them.
 *
 * <p>Where the template has no opening for the assistant's turn (it ignores {@code
 * add_generation_prompt}), the opening is taken from how it writes an answered conversation: what
 * stands between the user's last message and the answer.
 */
record PromptText(ChatTemplate template) {

  /** An answer that stands for any other; nothing a template would look into. */
  private static final String PROBE = "Paraphrastically";

  /** The prompt of a conversation, with the assistant's turn opened. */
  String prompt(Conversation conversation) {
    String opened = template.render(conversation, true);
    if (!opened.equals(template.render(conversation, false))) {
      return opened;
    }
    String lead = beforeAnswer(conversation).map(before -> behind(opened, before)).orElse("");
    // Spaces belong to the answer's first token.
    return lead.isBlank() ? opened : opened + lead.replaceFirst("[ \t]+$", "");
  }

  /**
   * What the model is to write behind the prompt of a conversation, to the end of the turn.
   *
   * <p>What the template writes before any answer, such as the empty block of thoughts of a model
   * that thinks, is no part of the answer: it is for the prompt to write, where the template's
   * variables say so, and otherwise left out. White space is kept: it is a part of the answer's
   * first token.
   *
   * @throws MoaException if the answered conversation is written in a way that does not tell where
   *     the answer starts
   */
  String answer(Conversation conversation, ChatMessage answer) {
    String prompt = prompt(conversation);
    String whole = template.render(conversation.and(answer), false);
    Optional<String> before = beforeAnswer(conversation).filter(whole::startsWith);
    boolean thinks = answer.reasoning().isPresent() && whole.startsWith(prompt);
    if (before.isPresent() && !thinks) {
      String lead = behind(prompt, before.get());
      String content = whole.substring(before.get().length());
      return lead.isBlank() ? lead + content : content;
    }
    if (whole.startsWith(prompt)) {
      return whole.substring(prompt.length());
    }
    throw new MoaException(
        "The chat template writes an answered conversation otherwise than it opens an answer, so"
            + " there is no telling where the answer starts. If the answer has reasoning, fix the"
            + " template's variables so that it may think (such as enable_thinking=true), or leave"
            + " the reasoning out; else use the model's template for training");
  }

  /** What the template writes behind an answer; empty if it does not take a simple question. */
  String closing() {
    Conversation question = Conversation.of(ChatMessage.user("Which city is it?"));
    try {
      String whole = template.render(question.and(ChatMessage.assistant(PROBE)), false);
      int at = whole.lastIndexOf(PROBE);
      return at < 0 ? "" : whole.substring(at + PROBE.length());
    } catch (MoaException e) {
      return "";
    }
  }

  /** Everything that the template writes before the text of an answer to a conversation. */
  private Optional<String> beforeAnswer(Conversation conversation) {
    try {
      String whole = template.render(conversation.and(ChatMessage.assistant(PROBE)), false);
      int at = whole.lastIndexOf(PROBE);
      return at < 0 ? Optional.empty() : Optional.of(whole.substring(0, at));
    } catch (MoaException e) {
      return Optional.empty();
    }
  }

  private static String behind(String start, String text) {
    return text.startsWith(start) ? text.substring(start.length()) : "";
  }
}
