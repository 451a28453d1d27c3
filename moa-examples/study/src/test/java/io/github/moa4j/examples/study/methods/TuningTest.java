package io.github.moa4j.examples.study.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.ComparisonSettings;
import io.github.moa4j.examples.study.workbench.ResultStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search over made-up losses: the best rate of batch 4 is given, that of batch 2 half of it. */
class TuningTest {

  private static final ComparisonSettings SETTINGS =
      new ComparisonSettings(
          32, 8, 2, 4, List.of(4, 2), List.of(1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3), 1, 8, 2, 8, 32);

  @TempDir private Path folder;
  private ResultStore store;
  private final List<Setting> trained = new ArrayList<>();

  @BeforeEach
  void open() {
    store = new ResultStore(folder);
  }

  private Trainings.Recipe bestAt(double rate) {
    return (setting, seed, examples) -> {
      trained.add(setting);
      double away = Math.log(setting.learningRate() * 4 / setting.batchSize() / rate);
      return TrainedMethod.of(log(setting, Math.abs(away) + setting.batchSize()), List.of());
    };
  }

  private static TrainingLog log(Setting setting, double loss) {
    TrainingLog none = TrainingLog.NONE;
    return new TrainingLog(setting, 0, 0, 0, 0, 0, loss, List.of(), List.of(), none.stability());
  }

  private Tuning search() {
    return new Tuning(SETTINGS, store, false);
  }

  @Test
  void walksDownOrUpUntilTheLossRises() {
    assertThat(search().choose("low", bestAt(2e-4))).isEqualTo(new Setting(2, 1e-4));
    assertThat(trained)
        .containsExactly(
            new Setting(4, 4e-4),
            new Setting(4, 2e-4),
            new Setting(4, 1e-4),
            new Setting(2, 2e-4),
            new Setting(2, 1e-4));
    trained.clear();
    assertThat(search().choose("high", bestAt(8e-4))).isEqualTo(new Setting(2, 4e-4));
    assertThat(trained)
        .containsExactly(
            new Setting(4, 4e-4),
            new Setting(4, 2e-4),
            new Setting(4, 8e-4),
            new Setting(4, 1.6e-3),
            new Setting(2, 8e-4),
            new Setting(2, 4e-4),
            new Setting(2, 2e-4));
  }

  @Test
  void triesOnlyTheBatchSizesThatAreAskedFor() {
    ComparisonSettings settings = SETTINGS.withBatchSizes(List.of(2));

    assertThat(new Tuning(settings, store, false).choose("method", bestAt(8e-4)))
        .isEqualTo(new Setting(2, 4e-4));
    assertThat(trained).extracting(Setting::batchSize).containsOnly(2);
    assertThat(settings.shown()).isEqualTo(SETTINGS.shown());
    assertThatThrownBy(() -> SETTINGS.withBatchSizes(List.of(2, 0)))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("[2, 0]");
  }

  @Test
  void goesOnFromTheTrialsThatAreStored() {
    Setting first = search().choose("method", bestAt(4e-4));
    trained.clear();

    assertThat(search().choose("method", bestAt(4e-4))).isEqualTo(first);
    assertThat(trained).isEmpty();
  }

  @Test
  void takesTheBestTrialSoFarIfOnlyThoseCount() {
    store.put(
        "trial.method-" + new Setting(4, 8e-4), new TuningChoice.Trial(new Setting(4, 8e-4), 2.5));
    store.put(
        "trial.method-" + new Setting(2, 1e-4), new TuningChoice.Trial(new Setting(2, 1e-4), 2.4));
    Tuning stored = new Tuning(SETTINGS, store, true);

    assertThat(stored.choose("method", bestAt(4e-4))).isEqualTo(new Setting(2, 1e-4));
    assertThat(trained).isEmpty();
    assertThatThrownBy(() -> stored.choose("other", bestAt(4e-4)))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("--tune other");
  }
}
