package io.github.moa4j.examples.study.report.records;

/**
 * What a router decides, and how well, when it abstains below a threshold.
 *
 * @param threshold the lowest confidence that counts as a decision
 * @param coverage the share of inputs that is decided
 * @param accuracy the share of the decided inputs that is right; NaN if none is decided
 */
public record CoveragePoint(double threshold, double coverage, double accuracy) {}
