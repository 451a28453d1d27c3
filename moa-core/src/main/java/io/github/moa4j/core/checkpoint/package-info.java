/**
 * Checkpoints on disk: safetensors files read and written, sharded or not, and Hugging Face's
 * {@code config.json}. Paths go in; validated shapes, raw tensors in host memory and the
 * fingerprint of a base come out, and nothing is ever executed from a file. It may use nothing but
 * the exceptions of {@code core}.
 */
package io.github.moa4j.core.checkpoint;
