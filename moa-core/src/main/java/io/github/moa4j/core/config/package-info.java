/**
 * What Hugging Face's {@code config.json} says of a decoder; a family of decoders is a row of a
 * table here ({@code DecoderFamily}). The file goes in; validated shapes, the design of the layers
 * and rotary frequencies come out. It may use {@code files} and the exceptions of {@code core}.
 */
package io.github.moa4j.core.config;
