package io.github.moa4j.training.mixture;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.CutExamples;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.privacy.PrivacyGuarantee;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A trained domain in a folder, on its way from the machine that trained it to the one that holds
 * the mixture. What {@link #read} gives is in every bit what was written, so that a mixture gets
 * the same files and the same routers from it.
 *
 * <p>Beside the files that the mixture will keep ({@link MixtureTrainer#write}) lies {@code
 * training.safetensors}: the states of the prompts, [prompts, hiddenSize] for each state and
 * pooling, and in its metadata, as JSON, how the training went.
 */
public final class TrainedDomainFolder {

  private static final String FILE = "training.safetensors";
  private static final String SUMMARY = "moa4j.trained_domain";

  /** What is told of the training beside its adapter. */
  private record Summary(
      String name,
      int bestStep,
      double validationLoss,
      List<Double> losses,
      List<TrainingListener.Evaluation> evaluations,
      long tokens,
      List<PrivacyGuarantee> privacy, // none or one
      CutExamples cut,
      int prompts,
      int states) {}

  private TrainedDomainFolder() {}

  /**
   * Writes a domain.
   *
   * @param trainer that trained it
   * @param folder created if it is missing
   * @throws MoaException if it cannot be written
   */
  public static void write(TrainedDomain trained, MixtureTrainer trainer, Path folder) {
    trainer.write(trained, folder);
    List<PromptStates> prompts = trained.promptStates();
    int states = prompts.isEmpty() ? 0 : prompts.get(0).numStates();
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int state = 0; state < states; state++) {
      tensors.put("mean." + state, rows(prompts, state, PromptStates::mean));
      tensors.put("last." + state, rows(prompts, state, PromptStates::last));
    }
    TrainingResult training = trained.training();
    Summary summary =
        new Summary(
            trained.name(),
            training.bestStep(),
            training.validationLoss(),
            training.losses(),
            training.evaluations(),
            training.tokens(),
            training.privacy().stream().toList(),
            trained.cut(),
            prompts.size(),
            states);
    SafetensorsWriter.write(folder.resolve(FILE), tensors, Map.of(SUMMARY, Json.compact(summary)));
  }

  /**
   * Reads a domain.
   *
   * @param folder that {@link #write} wrote
   * @param baseFingerprint of the base that it was trained on
   * @throws MoaException if a file is missing or damaged, or belongs to another base
   */
  public static TrainedDomain read(Path folder, String baseFingerprint) {
    Path file = folder.resolve(FILE);
    try (SafetensorsFile training = SafetensorsFile.open(file)) {
      String json = training.metadata().get(SUMMARY);
      if (json == null) {
        throw new MoaException(
            file + " is not of a trained domain. Name a folder that one was written to.");
      }
      Summary summary = JsonObject.parse(json, file, MoaException::new).as(Summary.class);
      return new TrainedDomain(
          summary.name(),
          new TrainingResult(
              PeftFormat.read(folder),
              summary.bestStep(),
              summary.validationLoss(),
              summary.losses(),
              summary.evaluations(),
              summary.tokens(),
              summary.privacy().stream().findFirst()),
          summary.cut(),
          states(training, summary),
          DomainStatistics.read(folder.resolve(DomainStatistics.FILE_NAME), baseFingerprint),
          Provenance.read(folder)
              .orElseThrow(
                  () ->
                      new MoaException(
                          folder + " has no " + Provenance.FILE + ". Write it again.")));
    }
  }

  /** One pooling of one state of all prompts, [prompts, hiddenSize]. */
  private static HostTensor rows(
      List<PromptStates> prompts, int state, Function<PromptStates, float[][]> pooling) {
    int width = prompts.get(0).hiddenSize();
    float[] values = new float[Math.multiplyExact(prompts.size(), width)];
    for (int i = 0; i < prompts.size(); i++) {
      System.arraycopy(pooling.apply(prompts.get(i))[state], 0, values, i * width, width);
    }
    return HostTensor.of(values, prompts.size(), width);
  }

  private static List<PromptStates> states(SafetensorsFile file, Summary summary) {
    float[][][] mean = new float[summary.prompts()][summary.states()][];
    float[][][] last = new float[summary.prompts()][summary.states()][];
    for (int state = 0; state < summary.states(); state++) {
      spread(file, "mean." + state, state, mean);
      spread(file, "last." + state, state, last);
    }
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < summary.prompts(); i++) {
      prompts.add(new PromptStates(mean[i], last[i]));
    }
    return List.copyOf(prompts);
  }

  /** Gives each prompt its row of a tensor. */
  private static void spread(SafetensorsFile file, String name, int state, float[][][] prompts) {
    HostTensor tensor = file.tensor(name);
    if (tensor.shape().length != 2 || tensor.shape()[0] != prompts.length) {
      throw new MoaException(
          file.path()
              + " is damaged: the tensor "
              + name
              + " is "
              + tensor
              + ", expected one row for each of "
              + prompts.length
              + " prompts. Train the domain again.");
    }
    float[] values = tensor.toFloatArray();
    int width = values.length / prompts.length;
    for (int i = 0; i < prompts.length; i++) {
      prompts[i][state] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
  }
}
