/**
 * Constraints as automata: a graph over UTF-8 bytes, and which tokens it allows from a state on.
 * Patterns and schemas go in, lists of token ids come out. It may use {@code text} and {@code
 * files}.
 */
package io.github.moa4j.core.constraint.internal;
