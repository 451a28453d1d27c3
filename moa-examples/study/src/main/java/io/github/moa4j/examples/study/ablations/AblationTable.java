package io.github.moa4j.examples.study.ablations;

import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The rows of the ablations, each stored as it is measured. */
final class AblationTable {

  private final Workbench bench;
  private final List<AblationRow> rows = new ArrayList<>();

  AblationTable(Workbench bench) {
    this.bench = bench;
  }

  void add(String ablation, String setting, Supplier<AblationRow> row) {
    String name = "ablation." + (ablation + "." + setting).replaceAll("[^A-Za-z0-9.]+", "-");
    Progress.say("ablation %s: %s", ablation, setting);
    rows.add(bench.store().computeIfAbsent(name, AblationRow.class, row));
  }

  List<AblationRow> rows() {
    return List.copyOf(rows);
  }
}
