/**
 * Measures mixtures and adapters on the examples of domains, and tells whether files changed. An
 * opened base, adapters and domains come in, tables of text go out. It uses the public classes of
 * all modules and no other room.
 */
package io.github.moa4j.examples.measurement;
