/**
 * Trains and measures every method of a comparison on the same domains: one class a question, each
 * answer stored as soon as it is known. Domains and a base come in, the records of {@code report}
 * go out. It may use every library of this project and {@code report}.
 */
package io.github.moa4j.examples.comparison;
