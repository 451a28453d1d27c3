/**
 * The forms of an adapter in the engine's memory: the one that trains and the one that a forward
 * pass applies. Stored adapters go in and come out; the decoder and training use what is between.
 * It may use {@code lora}, {@code kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.lora.internal;
