package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.Workbench;
import java.util.List;

/** Each method's training at the setting that was chosen for it. */
final class TunedTrainings {

  private final Workbench bench;
  private final Trainings trainings;
  private final Tuning tuning;

  TunedTrainings(Workbench bench, Trainings trainings, Tuning tuning) {
    this.bench = bench;
    this.trainings = trainings;
    this.tuning = tuning;
  }

  /** Returns the setting that was chosen for a method, choosing it if need be. */
  Setting setting(String method) {
    return tuning.choose(method, recipe(method));
  }

  private Trainings.Recipe recipe(String method) {
    return switch (method) {
      case MethodRuns.SINGLE -> trainings.singleLora(method, lora());
      case MethodRuns.ACTIVATED -> trainings.singleLora(method, activated());
      case MethodRuns.MIXED -> trainings.mixed(method, bench.settings().rank());
      case MethodRuns.LARGE ->
          trainings.mixed(method, bench.settings().rank() * bench.domains().size());
      case MethodRuns.JOINT -> trainings.joint(method, setting(MethodRuns.SINGLE));
      case MethodRuns.MOE -> trainings.moeLora(1);
      default -> throw new MoaException("There is no training of " + method + " to tune.");
    };
  }

  /** Trains a method, or reads its adapters if they are stored. */
  TrainedMethod train(String method, long seed) {
    return recipe(method).train(setting(method), seed, bench.settings().trainingExamples());
  }

  /** The adapters of each domain at its own best setting, read if they are stored. */
  TrainedMethod byDomain(long seed) {
    return trainings.singleLora(
        MethodRuns.SINGLE, lora(), settingsByDomain(), seed, bench.settings().trainingExamples());
  }

  /** Returns the best of the settings that were tried for single adapters, domain by domain. */
  private List<Setting> settingsByDomain() {
    setting(MethodRuns.SINGLE);
    List<Setting> tried =
        choices().stream()
            .filter(choice -> choice.method().equals(MethodRuns.SINGLE))
            .flatMap(choice -> choice.trials().stream())
            .map(TuningChoice.Trial::setting)
            .toList();
    return trainings.bestByDomain(MethodRuns.SINGLE, tried, bench.settings().trainingExamples());
  }

  /** Returns what a method of the tables was trained with, as a part of a file's name. */
  String shown(String method) {
    return switch (method) {
      case MethodRuns.BY_DOMAIN, MethodRuns.MOA_BY_DOMAIN ->
          Integer.toHexString(settingsByDomain().toString().hashCode());
      case MethodRuns.JOINT, MethodRuns.MIXED, MethodRuns.LARGE -> setting(method).toString();
      default -> {
        if (method.startsWith("moe-lora")) {
          yield setting(MethodRuns.MOE).toString();
        }
        yield setting(
                method.startsWith(MethodRuns.ACTIVATED) ? MethodRuns.ACTIVATED : MethodRuns.SINGLE)
            .toString();
      }
    };
  }

  LoraConfig activated() {
    return lora().withAloraInvocationTokens(bench.encoder().answerOpening());
  }

  private LoraConfig lora() {
    return bench.lora(bench.settings().rank());
  }

  /** The choices for all methods. */
  List<TuningChoice> allChoices() {
    List.of(
            MethodRuns.SINGLE,
            MethodRuns.JOINT,
            MethodRuns.MIXED,
            MethodRuns.LARGE,
            MethodRuns.MOE,
            MethodRuns.ACTIVATED)
        .forEach(this::setting);
    return choices();
  }

  /** The choices that have been made. */
  List<TuningChoice> choices() {
    return tuning.choices();
  }
}
