package io.github.moa4j.core.text;

/**
 * The token ids of a prompt and of the answer behind it.
 *
 * @param prompt what the model is served; not copied
 * @param answer what it is to write, the token that ends it included; not copied
 */
public record AnsweredPrompt(int[] prompt, int[] answer) {}
