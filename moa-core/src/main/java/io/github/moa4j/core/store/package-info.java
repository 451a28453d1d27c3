/**
 * The mixture on disk: the adapters of one base by domain and version, and the router that chooses
 * among them. Writers of folders and domain names come in, committed states go out ({@link
 * io.github.moa4j.core.store.MixtureDirectory}), each with its {@link
 * io.github.moa4j.core.store.Provenance}. It may use {@code files}, {@code signing}, {@code
 * encryption} and the exception of {@code lora}.
 */
package io.github.moa4j.core.store;
