package io.github.moa4j.examples.study.report.records;

/**
 * What was found in a domain's data before training.
 *
 * @param domain the domain
 * @param train training examples
 * @param validation validation examples
 * @param exactDuplicates training examples that repeat another one
 * @param nearDuplicates training examples that nearly repeat another one
 * @param validationOverlap validation examples whose text is in the training data
 */
public record DataFigures(
    String domain,
    int train,
    int validation,
    int exactDuplicates,
    int nearDuplicates,
    int validationOverlap) {}
