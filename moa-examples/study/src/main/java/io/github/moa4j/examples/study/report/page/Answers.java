package io.github.moa4j.examples.study.report.page;

import io.github.moa4j.examples.study.report.records.CaseStudy;
import java.util.List;

/**
 * One prompt with the answers of all methods.
 *
 * @param domain the prompt's domain
 * @param prompt the prompt
 * @param reference the expected answer
 * @param answers in the order to show them
 */
public record Answers(String domain, String prompt, String reference, List<Answer> answers)
    implements Block {

  /** A method's answer and whether it is the reference. */
  record Answer(String method, String text, boolean matches) {}

  public static Answers of(CaseStudy study) {
    return new Answers(
        study.domain(),
        study.prompt(),
        study.reference(),
        study.answerByMethod().entrySet().stream()
            .map(
                answer ->
                    new Answer(
                        answer.getKey(),
                        answer.getValue(),
                        answer.getValue().strip().equals(study.reference().strip())))
            .toList());
  }
}
