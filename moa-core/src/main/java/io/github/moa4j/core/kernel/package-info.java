/**
 * The one place that talks to the engine beyond DJL's plain NDArray API. A kernel is a TorchScript
 * program in text form (a resource of this package) that is loaded without Python; tensors and
 * numbers go in, tensors come out. It may use nothing but the exceptions of {@code core}.
 */
package io.github.moa4j.core.kernel;
