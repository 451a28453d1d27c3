package io.github.moa4j.examples.comparison;

import io.github.moa4j.examples.report.AblationRow;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import java.util.List;

/** What each part of the method is worth: it is taken away or changed, and all else kept. */
final class Ablations {

  private final AblationTable rows;
  private final ExpertAblations experts;
  private final RouterAblations routers;

  Ablations(
      Workbench bench,
      Trainings trainings,
      MethodRuns methods,
      RoutedMixture mixture,
      LayerwiseRouter router) {
    this.rows = new AblationTable(bench);
    this.experts = new ExpertAblations(bench, trainings, methods, mixture, router, rows);
    this.routers = new RouterAblations(bench, methods, mixture, router, rows);
  }

  List<AblationRow> rows() {
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
