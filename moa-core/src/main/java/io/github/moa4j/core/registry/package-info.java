/**
 * The adapters of one base in memory: {@link io.github.moa4j.core.registry.AdapterRegistry} lends
 * them to running requests within a budget of memory. Adapters, or a mixture on disk, come in;
 * leases of weights in the engine's memory go out. It may use {@code store}, {@code lora}, {@code
 * model}, {@code checkpoint} and {@code files}.
 */
package io.github.moa4j.core.registry;
