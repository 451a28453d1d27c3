package io.github.moa4j.examples.study.report.records;

/**
 * Perplexity on inputs that need two domains at once.
 *
 * @param domains the two, such as {@code sql + shell}
 * @param base the base alone
 * @param top1 the mixture with one adapter
 * @param top2 the mixture with the two most probable adapters
 */
public record TwoDomainRow(String domains, double base, double top1, double top2) {}
