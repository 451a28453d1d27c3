package io.github.moa4j.examples.study.ablations;

import io.github.moa4j.examples.study.methods.MethodRuns;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.methods.Trainings;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import java.util.List;

/** What each part of the method is worth: it is taken away or changed, and all else kept. */
public final class Ablations {

  private final AblationTable rows;
  private final ExpertAblations experts;
  private final RouterAblations routers;

  public Ablations(
      Workbench bench,
      Trainings trainings,
      MethodRuns methods,
      RoutedMixture mixture,
      LayerwiseRouter router) {
    this.rows = new AblationTable(bench);
    this.experts = new ExpertAblations(bench, trainings, methods, mixture, router, rows);
    this.routers = new RouterAblations(bench, methods, mixture, router, rows);
  }

  public List<AblationRow> rows() {
    experts.labelsAndInitialisation();
    experts.labelLossWeight();
    experts.ranks();
    routers.pooling();
    routers.layers();
    routers.votes();
    routers.routingModes();
    return rows.rows();
  }
}
