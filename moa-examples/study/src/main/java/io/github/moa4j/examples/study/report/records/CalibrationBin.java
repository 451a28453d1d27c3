package io.github.moa4j.examples.study.report.records;

/**
 * The decisions of a router whose confidence lies in one range.
 *
 * @param confidence their mean confidence
 * @param accuracy the share of them that is right; NaN for an empty bin
 * @param count how many they are
 */
public record CalibrationBin(double confidence, double accuracy, int count) {}
