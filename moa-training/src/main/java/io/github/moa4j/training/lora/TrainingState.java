package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a training run needs to go on as if it had never stopped, in one safetensors file that
 * is replaced atomically: parameters, moments and the best parameters as tensors, the rest as JSON
 * in the file's metadata.
 */
final class TrainingState {

  private static final String PROGRESS = "moa4j.training";

  /**
   * The part of the state that is not tensors.
   *
   * @param identity hash over options, examples and base: a state of another run is refused
   * @param step optimiser steps done
   * @param bestStep step of the chosen parameters; −1 before the first measurement
   * @param bestLoss their selection loss
   * @param lowest the lowest selection loss so far, or none
   * @param sinceBest evaluations since the lowest
   * @param tokens passed through the model so far
   * @param losses training loss of every step
   * @param evaluations so far
   */
  record Progress(
      String identity,
      int step,
      int bestStep,
      double bestLoss,
      SelectionLoss lowest,
      int sinceBest,
      long tokens,
      List<Double> losses,
      List<TrainingListener.Evaluation> evaluations) {}

  /** Copies stored values into an array. */
  interface Restorer {

    void restore(NDArray array, float[] values);
  }

  private TrainingState() {}

  /**
   * Finds out before the first step what the first {@link #write} would, perhaps hours later.
   *
   * @throws MoaException if the file's folder is missing or must not be written to
   */
  static void requireWritable(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new MoaException(
          "The training cannot keep its state in "
              + file
              + ": "
              + (folder == null || Files.isDirectory(folder)
                  ? "nothing may be written there"
                  : "its folder " + Failure.noFolder(folder))
              + ". Name a file in a folder that may be written to.");
    }
  }

  static void write(Path file, Progress progress, Map<String, List<NDArray>> arrays) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    arrays.forEach(
        (group, list) -> {
          for (int i = 0; i < list.size(); i++) {
            NDArray array = list.get(i);
            ByteBuffer bytes = array.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            tensors.put(
                group + "." + i, new HostTensor(DataType.F32, array.getShape().getShape(), bytes));
          }
        });
    SafetensorsWriter.write(file, tensors, Map.of(PROGRESS, Json.compact(progress)));
  }

  /**
   * Restores a run.
   *
   * @param arrays as they were written
   * @param restore copies the stored values of each
   * @throws MoaException if the file is damaged or belongs to another run
   */
  static Progress read(
      Path file, String identity, Map<String, List<NDArray>> arrays, Restorer restore) {
    try (SafetensorsFile state = SafetensorsFile.open(file)) {
      String json = state.metadata().get(PROGRESS);
      if (json == null) {
        throw new MoaException(file + " is not a training state of MoA4J. Name another file.");
      }
      Progress progress = JsonObject.parse(json, file, MoaException::new).as(Progress.class);
      if (!progress.identity().equals(identity)) {
        throw new MoaException(
            file
                + " belongs to a training run with other options, examples or base. Go on with"
                + " those, or delete the file to start anew.");
      }
      arrays.forEach(
          (group, list) -> {
            for (int i = 0; i < list.size(); i++) {
              restore.restore(list.get(i), values(state, group + "." + i, list.get(i)));
            }
          });
      return progress;
    } catch (CheckpointException e) {
      throw new MoaException(e.getMessage() + " Delete the file to start anew.", e);
    }
  }

  private static float[] values(SafetensorsFile state, String name, NDArray array) {
    HostTensor tensor = state.tensor(name);
    if (tensor.dataType() != DataType.F32
        || !Arrays.equals(tensor.shape(), array.getShape().getShape())) {
      throw new MoaException(
          state.path()
              + " is damaged: the tensor "
              + name
              + " is "
              + tensor
              + ", expected F32 "
              + array.getShape()
              + ". Delete the file to start anew.");
    }
    return tensor.toFloatArray();
  }
}
