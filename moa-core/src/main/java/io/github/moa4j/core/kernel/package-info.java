/**
 * What an application says about the engine: the precision to compute in. Everything that talks to
 * the engine lies in {@code kernel.internal}. It may use {@code checkpoint} and the exceptions of
 * {@code core}.
 */
package io.github.moa4j.core.kernel;
