package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.List;

/** The features of one domain's prompts, real or remembered. */
interface DomainRows {

  String domain();

  Pooling pooling();

  /** Returns the width of a pooled state, of which the features are made. */
  int width();

  /** Returns the states this domain can give, ascending. */
  List<Integer> states();

  /** Returns the features to train on, [row][features]. */
  float[][] rows(int state);

  /** Returns the moments of one state, for the closed-form start. */
  DomainStatistics statistics(int state);

  /** Returns the features held out, [row][features]; may be empty. */
  float[][] heldOut(int state);
}
