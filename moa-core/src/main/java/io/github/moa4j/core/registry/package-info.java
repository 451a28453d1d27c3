/**
 * The adapters of one base, by domain and version: {@link
 * io.github.moa4j.core.registry.MixtureDirectory} keeps them and the router on disk, {@link
 * io.github.moa4j.core.registry.AdapterRegistry} lends them to running requests. Adapters and
 * domain names come in; committed states and leases of weights in the engine's memory go out. It
 * may use {@code lora}, {@code model} and {@code checkpoint}.
 */
package io.github.moa4j.core.registry;
