package io.github.moa4j.core.constraint.internal;

/**
 * Where one reading of a text is in a graph.
 *
 * @param frame of the rule that the node is in; null in the outermost
 */
record Place(int node, Frame frame) {}
