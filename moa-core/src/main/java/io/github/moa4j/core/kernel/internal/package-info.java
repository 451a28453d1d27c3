/**
 * The one place that talks to the engine beyond DJL's plain NDArray API: a TorchScript program in
 * text form (a resource of this package), loaded without Python, with one Java method for each of
 * its methods. A checkpoint, tensors and numbers go in, tensors come out; how a weight is stored,
 * nobody outside knows. It may use {@code checkpoint} and the exceptions of {@code core}.
 */
package io.github.moa4j.core.kernel.internal;
