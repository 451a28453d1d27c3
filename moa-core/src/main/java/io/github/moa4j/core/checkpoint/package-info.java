/**
 * Checkpoints on disk: safetensors files read and written, sharded or not, and which tensors a
 * decoder has ({@code DecoderLayout}). Paths go in; what {@code config} reads, raw tensors in host
 * memory, the weights as the kernel takes them and the fingerprint of a base come out, and nothing
 * is ever executed from a file. It may use {@code config}, {@code files} and the exceptions of
 * {@code core}.
 */
package io.github.moa4j.core.checkpoint;
