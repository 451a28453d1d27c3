package io.github.moa4j.examples.study.report.records;

/**
 * A claim of the paper or a goal of the project, and whether it holds here.
 *
 * @param claim the claim, as a sentence
 * @param holds whether the measurement supports it
 * @param measured the figures that say so
 */
public record Claim(String claim, boolean holds, String measured) {}
