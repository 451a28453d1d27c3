package io.github.moa4j.examples.study.methods;

import ai.djl.util.Utils;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Finished trainings with their adapters, and the states of those that are under way. */
final class StoredTrainings {

  private final Workbench bench;

  StoredTrainings(Workbench bench) {
    this.bench = bench;
  }

  /** Returns the log of a training that is stored. */
  TrainingLog log(String name) {
    return bench.store().find("training." + name, TrainingLog.class).orElseThrow();
  }

  /** Returns where a long training keeps its state, so that one that was stopped goes on. */
  Path state(String part) {
    return bench.output().resolve("state-" + part + ".safetensors");
  }

  /**
   * Returns a training with its adapters, read if they are stored, else trained and stored.
   *
   * @param name of the method with its setting and seed
   */
  TrainedMethod computeIfAbsent(String name, Supplier<TrainedMethod> training) {
    Path folder = bench.output().resolve("adapters").resolve(name);
    TrainingLog log =
        bench
            .store()
            .computeIfAbsent(
                "training." + name,
                TrainingLog.class,
                () -> {
                  TrainedMethod trained = training.get();
                  Progress.say("%s: selection loss %.4f", name, trained.log().selectionLoss());
                  for (int i = 0; i < trained.adapters().size(); i++) {
                    PeftFormat.write(trained.adapters().get(i), folder.resolve(part(trained, i)));
                  }
                  return trained.log();
                });
    Utils.deleteQuietly(state(name));
    return TrainedMethod.of(log, read(folder));
  }

  private String part(TrainedMethod trained, int index) {
    return trained.adapters().size() == 1 ? "all" : bench.names().get(index);
  }

  private List<LoraAdapter> read(Path folder) {
    Path shared = folder.resolve("all");
    return Files.exists(shared)
        ? List.of(PeftFormat.read(shared))
        : bench.names().stream().map(name -> PeftFormat.read(folder.resolve(name))).toList();
  }
}
