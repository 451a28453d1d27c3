package io.github.moa4j.examples.study.report.records;

import java.util.List;
import java.util.Map;

/**
 * One method, trained and measured with one seed.
 *
 * @param method its short name, such as {@code moa}; runs of one method differ by their seed
 * @param description one sentence on what it is
 * @param seed of the training
 * @param setting the one chosen
 * @param answerTokens answer tokens trained on, over all domains
 * @param parameters trainable parameters, over all adapters and routers
 * @param trainingSeconds wall-clock time
 * @param processorSeconds of all threads
 * @param tokensPerSecond of the training, all tokens; NaN if nothing was trained
 * @param domains scores by domain
 * @param trainingCurve loss while training, may be empty
 * @param validationCurve validation loss while training, may be empty
 * @param stability gradient norms and loss spikes
 * @param answers by domain, the generated answers in the order of the validation examples
 */
public record MethodRun(
    String method,
    String description,
    long seed,
    Setting setting,
    long answerTokens,
    long parameters,
    double trainingSeconds,
    double processorSeconds,
    double tokensPerSecond,
    Map<String, DomainScore> domains,
    List<CurvePoint> trainingCurve,
    List<CurvePoint> validationCurve,
    StabilityFigures stability,
    Map<String, List<String>> answers) {
  /** Copies the collections, keeping their order. */
  public MethodRun {
    domains = Ordered.copy(domains);
    trainingCurve = List.copyOf(trainingCurve);
    validationCurve = List.copyOf(validationCurve);
    answers = Ordered.copy(answers);
  }
}
