package io.github.moa4j.examples.study.report.records;

/**
 * What a method reached on one domain's validation examples.
 *
 * @param perplexity on the answers' tokens
 * @param bleu corpus BLEU, 0 to 100; NaN where answers are labels, or were not generated
 * @param rougeL mean ROUGE-L F1, 0 to 1; NaN where answers are labels, or were not generated
 * @param exactMatch share of answers that equal the reference, 0 to 1; NaN where none were
 *     generated
 * @param items the generated answers that were scored
 */
public record DomainScore(
    double perplexity, double bleu, double rougeL, double exactMatch, int items) {}
