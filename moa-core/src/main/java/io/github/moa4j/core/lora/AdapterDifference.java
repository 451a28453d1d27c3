package io.github.moa4j.core.lora;

/**
 * Something that an adapter's folder says otherwise than the base's. The adapter can be used all
 * the same, but may have been trained on another base, or on prompts that look different.
 *
 * @param what the setting or file, such as {@code chat_template}
 * @param ofAdapter what the adapter's folder says, cut for messages
 * @param ofBase what the base's folder says, cut for messages
 */
public record AdapterDifference(String what, String ofAdapter, String ofBase) {

  /** Returns a sentence for the user. */
  @Override
  public String toString() {
    return "%s of the adapter is %s, of the base %s.".formatted(what, ofAdapter, ofBase);
  }
}
