package io.github.moa4j.examples.study.report.records;

/**
 * Perplexity of an adapter trained on part of its domain's data.
 *
 * @param domain the domain
 * @param examples training examples used
 * @param perplexity on the validation examples
 */
public record LearningCurvePoint(String domain, int examples, double perplexity) {}
