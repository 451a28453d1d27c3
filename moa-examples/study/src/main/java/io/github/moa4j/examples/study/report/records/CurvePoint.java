package io.github.moa4j.examples.study.report.records;

/**
 * One point of a loss curve.
 *
 * @param tokens answer tokens trained on so far
 * @param loss mean cross-entropy of an answer token, in nats
 */
public record CurvePoint(long tokens, double loss) {}
