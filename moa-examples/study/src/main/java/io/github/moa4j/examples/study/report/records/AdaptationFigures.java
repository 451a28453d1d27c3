package io.github.moa4j.examples.study.report.records;

import java.util.List;

/**
 * A new adapter started from an existing one, against a fresh start.
 *
 * @param domain what is learned
 * @param warmStartedFrom the domain whose adapter is the start
 * @param targetLoss validation loss to reach
 * @param tokensFresh answer tokens to get there from a fresh start; negative if it never did
 * @param tokensWarm answer tokens to get there from the existing adapter; negative if it never did
 * @param fresh validation curve of the fresh start
 * @param warm validation curve of the warm start
 */
public record AdaptationFigures(
    String domain,
    String warmStartedFrom,
    double targetLoss,
    long tokensFresh,
    long tokensWarm,
    List<CurvePoint> fresh,
    List<CurvePoint> warm) {
  /** Copies the collections, keeping their order. */
  public AdaptationFigures {
    fresh = List.copyOf(fresh);
    warm = List.copyOf(warm);
  }
}
