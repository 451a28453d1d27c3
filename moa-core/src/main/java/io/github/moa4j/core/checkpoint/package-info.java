/**
 * Checkpoints on disk: safetensors files read and written, sharded or not, and Hugging Face's
 * {@code config.json}; a family of decoders is a row of a table here ({@code DecoderFamily}) and a
 * list of tensors ({@code DecoderLayout}). Paths go in; validated shapes, rotary frequencies, raw
 * tensors in host memory and the fingerprint of a base come out, and nothing is ever executed from
 * a file. It may use {@code files} and the exceptions of {@code core}.
 */
package io.github.moa4j.core.checkpoint;
