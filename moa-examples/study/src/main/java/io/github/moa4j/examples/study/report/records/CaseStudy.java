package io.github.moa4j.examples.study.report.records;

import java.util.Map;

/**
 * One prompt and what every method answered.
 *
 * @param domain the prompt's domain
 * @param prompt the prompt
 * @param reference the expected answer
 * @param answerByMethod the generated answers, by method
 */
public record CaseStudy(
    String domain, String prompt, String reference, Map<String, String> answerByMethod) {
  /** Copies the collections, keeping their order. */
  public CaseStudy {
    answerByMethod = Ordered.copy(answerByMethod);
  }
}
