package io.github.moa4j.examples.study.report.records;

/**
 * One setting of one ablation.
 *
 * @param ablation what is varied, such as {@code pooling}
 * @param setting its value
 * @param perplexity geometric mean over the domains
 * @param routingAccuracy on validation prompts; NaN where nothing is routed
 * @param note a remark, may be empty
 */
public record AblationRow(
    String ablation, String setting, double perplexity, double routingAccuracy, String note) {}
