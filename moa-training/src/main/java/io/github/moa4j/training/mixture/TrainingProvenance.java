package io.github.moa4j.training.mixture;

import ai.djl.engine.Engine;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.training.data.CutExamples;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is written down about the origin of what this room trains. */
final class TrainingProvenance {

  private TrainingProvenance() {}

  /** The origin of a domain's adapter. */
  static Provenance of(
      Domain domain,
      BaseModel base,
      TrainingOptions options,
      TrainingResult training,
      CutExamples cut,
      TrainingSession session) {
    LoraConfig lora = options.lora();
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("rank", lora.rank());
    configuration.put("lora_alpha", lora.loraAlpha());
    configuration.put("lora_dropout", lora.loraDropout());
    configuration.put(
        "target_modules", // as the base has them
        training.adapter().config().targetModules().stream()
            .map(TargetModule::peftName)
            .distinct()
            .toList());
    if (lora.useDora()) {
      configuration.put("use_dora", true);
    }
    if (lora.loraBias()) {
      configuration.put("lora_bias", true);
    }
    configuration.put("epochs", options.epochs());
    configuration.put("batch_size", options.batchSize() * options.accumulationSteps());
    configuration.put("update_rule", options.updateRule().name());
    configuration.put("learning_rate", options.learningRate());
    configuration.put("compute_type", base.weightFormat().name());
    if (!domain.masked().isEmpty()) {
      Map<String, Object> masked = new LinkedHashMap<>();
      new TreeMap<>(domain.masked()).forEach((kind, count) -> masked.put(kind.name(), count));
      configuration.put("masked_personal_data", masked);
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("best_step", (double) training.bestStep());
    if (training.privacy().isPresent()) { // which covers no measure of the examples themselves
      configuration.put("privacy", training.privacy().get().toMap());
    } else {
      metrics.put("selection_loss", training.validationLoss());
      metrics.put("tokens", (double) training.tokens());
      metrics.put("cut_prompts", (double) cut.prompts());
      metrics.put("cut_answers", (double) cut.answers());
    }
    List<Provenance.DataFile> data =
        domain.sources().stream()
            .map(file -> new Provenance.DataFile(file.name(), file.sha256(), file.examples()))
            .toList();
    return new Provenance(
        base.fingerprint(),
        data,
        configuration,
        options.seed(),
        libraries(),
        metrics,
        session.warmStart().map(LoraAdapter::sha256));
  }

  /** The versions of what computes. */
  static Map<String, String> libraries() {
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("java", Runtime.version().toString());
    libraries.put("djl", Engine.getDjlVersion());
    libraries.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    return libraries;
  }
}
