package io.github.moa4j.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.LangChain4jException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The router alone, without an answer: which domain a text belongs to. Its methods are those of
 * LangChain4j's text classifiers, whose interface lies outside langchain4j-core.
 *
 * <p>Thread-safe. The caller closes the mixture.
 */
public final class MoaTextClassifier {

  private final MixtureOfLoras mixture;

  private MoaTextClassifier(MixtureOfLoras mixture) {
    this.mixture = Objects.requireNonNull(mixture, "mixture");
  }

  /** A classifier by a mixture's router. */
  public static MoaTextClassifier of(MixtureOfLoras mixture) {
    return new MoaTextClassifier(mixture);
  }

  /**
   * Returns the domain whose adapter would answer a text; none if the base would answer it alone.
   *
   * @throws LangChain4jException if the mixture has no router, or the text does not fit its context
   */
  public List<String> classify(String text) {
    return decision(text).chosen().stream().toList();
  }

  /** {@link #classify(String)} of a segment's text. */
  public List<String> classify(TextSegment segment) {
    return classify(segment.text());
  }

  /**
   * Returns all domains with their probabilities, the most probable first, whether the router is
   * sure enough for an adapter or not.
   *
   * @throws LangChain4jException if the mixture has no router, or the text does not fit its context
   */
  public List<ScoredLabel> classifyWithScores(String text) {
    return decision(text).probabilities().entrySet().stream()
        .map(entry -> new ScoredLabel(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingDouble(ScoredLabel::score).reversed())
        .toList();
  }

  /** {@link #classifyWithScores(String)} of a segment's text. */
  public List<ScoredLabel> classifyWithScores(TextSegment segment) {
    return classifyWithScores(segment.text());
  }

  private RoutingDecision decision(String text) {
    try {
      return mixture.route(Question.of(text));
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }

  /**
   * A domain and how probable it is.
   *
   * @param label the domain
   * @param score its probability, from 0 to 1
   */
  public record ScoredLabel(String label, double score) {}
}
