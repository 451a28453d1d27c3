/**
 * Trains adapters as a user sees it: with progress on the console, from the state that a stopped
 * run left. A trainer and domains come in, trained domains and lines of text go out. It may use
 * {@code measurement}.
 */
package io.github.moa4j.examples.training;
