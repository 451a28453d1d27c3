package io.github.moa4j.training.gradient;

import io.github.moa4j.core.model.Pooling;
import java.util.Locale;

/**
 * Who decides which experts of an {@link ExpertBank} act.
 *
 * @param kind who decides
 * @param topK experts a token takes, 0 for all; only for a choice by token
 * @param pooling what is read of a prompt where the whole sequence is judged
 */
public record ExpertGating(Kind kind, int topK, Pooling pooling) {

  /** Who decides. */
  public enum Kind {
    /** The caller, for each sequence. */
    BY_LABEL,
    /** The caller, while routers learn to predict the label. */
    BY_LABEL_WITH_ROUTERS,
    /** Each layer, for each token. */
    BY_TOKEN,
    /** Each layer, for each sequence. */
    BY_SEQUENCE
  }

  /** Checks the number of experts a token takes. */
  public ExpertGating {
    if (topK < 0 || (topK > 0 && kind != Kind.BY_TOKEN)) {
      throw new IllegalArgumentException(
          "topK must be 0 or more, and 0 unless tokens choose, but is " + topK + " " + kind);
    }
  }

  /** The caller names the expert of each sequence (explicit routing; Feng et al., 2024). */
  public static ExpertGating byLabel() {
    return new ExpertGating(Kind.BY_LABEL, 0, Pooling.MEAN);
  }

  /**
   * The caller names the expert of each sequence, while a router in each layer learns to predict
   * the label from the prompt's pooled and normed state in that same pass: L = L_LM + η · mean_l
   * CE(p_l, label). Its gradient also reaches the experts of the layers below.
   */
  public static ExpertGating byLabelWithRouters(Pooling pooling) {
    return new ExpertGating(Kind.BY_LABEL_WITH_ROUTERS, 0, pooling);
  }

  /**
   * Each layer picks the k most probable experts of each token (Shazeer et al., 2017).
   *
   * @param topK 0 for all
   */
  public static ExpertGating byToken(int topK) {
    return new ExpertGating(Kind.BY_TOKEN, topK, Pooling.MEAN);
  }

  /** Each layer mixes all experts of a sequence by what it makes of the pooled prompt. */
  public static ExpertGating bySequence(Pooling pooling) {
    return new ExpertGating(Kind.BY_SEQUENCE, 0, pooling);
  }

  /** Whether the caller names the experts. */
  public boolean labelled() {
    return kind == Kind.BY_LABEL || kind == Kind.BY_LABEL_WITH_ROUTERS;
  }

  /** Whether routers learn with the experts. */
  public boolean learns() {
    return kind != Kind.BY_LABEL;
  }

  /** Returns for example {@code by token, top 2}. */
  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + (topK > 0 ? ", top " + topK : "")
        + (pooling == Pooling.MEAN ? "" : ", " + pooling);
  }
}
