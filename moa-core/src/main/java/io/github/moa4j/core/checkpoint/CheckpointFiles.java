package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Finds a checkpoint's weight files and which of them holds which tensor. */
final class CheckpointFiles {

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PICKLE = "pytorch_model.bin";

  private CheckpointFiles() {}

  /**
   * Opens the files of a directory.
   *
   * @param opened receives every file that is opened, by its name, also if this fails later
   * @return the file of each tensor
   */
  static Map<String, SafetensorsFile> open(Path directory, Map<String, SafetensorsFile> opened) {
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          "There is no directory " + directory + ": it " + Failure.noFolder(directory) + ".");
    }
    if (Files.exists(directory.resolve(INDEX))) {
      return openShards(directory, opened);
    }
    if (!Files.exists(directory.resolve(SINGLE))) {
      throw noWeights(directory);
    }
    SafetensorsFile file = SafetensorsFile.open(directory.resolve(SINGLE));
    opened.put(SINGLE, file);
    Map<String, SafetensorsFile> files = new LinkedHashMap<>();
    file.names().forEach(name -> files.put(name, file));
    return files;
  }

  private static CheckpointException noWeights(Path directory) {
    boolean pickle =
        Files.exists(directory.resolve(PICKLE))
            || Files.exists(directory.resolve(PICKLE + ".index.json"));
    return new CheckpointException(
        pickle
            ? directory
                + " holds its weights as "
                + PICKLE
                + " only. That is Python's pickle format, which can run code, so it is never read;"
                + " convert it with save_pretrained(..., safe_serialization=True)."
            : directory + " holds neither " + SINGLE + " nor " + INDEX + ".");
  }

  private static Map<String, SafetensorsFile> openShards(
      Path directory, Map<String, SafetensorsFile> opened) {
    Path index = directory.resolve(INDEX);
    JsonObject weightMap = JsonObject.read(index, CheckpointException::new).object("weight_map");
    Map<String, String> shardOf = new TreeMap<>();
    for (String tensor : weightMap.keys()) {
      shardOf.put(tensor, shardName(index, tensor, weightMap.text(tensor)));
    }
    refuseStaleSingleFile(directory, shardOf);
    Map<String, SafetensorsFile> files = new HashMap<>();
    for (Map.Entry<String, String> entry : shardOf.entrySet()) {
      String tensor = entry.getKey();
      String shard = entry.getValue();
      SafetensorsFile file = opened.get(shard);
      if (file == null) {
        file = openShard(index, tensor, directory.resolve(shard));
        opened.put(shard, file);
      }
      if (!file.names().contains(tensor)) {
        throw new CheckpointException(
            index
                + " places the tensor "
                + Failure.quote(tensor)
                + " in "
                + shard
                + ", which lacks it.");
      }
      files.put(tensor, file);
    }
    checkSurplus(index, shardOf, opened);
    return files;
  }

  /** A shard lies beside its index: a path that leads elsewhere is a trick or a mistake. */
  private static String shardName(Path index, String tensor, String shard) {
    boolean plain =
        shard.endsWith(".safetensors")
            && shard.chars().noneMatch(c -> "/\\:".indexOf(c) >= 0 || Character.isISOControl(c));
    try {
      if (plain && index.resolveSibling(shard).getFileName().toString().equals(shard)) {
        return shard;
      }
    } catch (InvalidPathException ignored) {
      // says no more than the exception below
    }
    throw new CheckpointException(
        index
            + " places the tensor "
            + Failure.quote(tensor)
            + " in \""
            + Failure.quote(shard)
            + "\", which is not the name of a safetensors file beside it.");
  }

  /** Which of the two is the model, nobody can tell: one of them was left by an earlier one. */
  private static void refuseStaleSingleFile(Path directory, Map<String, String> shardOf) {
    if (Files.exists(directory.resolve(SINGLE)) && !shardOf.containsValue(SINGLE)) {
      throw new CheckpointException(
          directory
              + " holds "
              + SINGLE
              + " and also "
              + INDEX
              + ", which names other files; one of the two is left over from another model."
              + " Delete the one that is not meant.");
    }
  }

  private static SafetensorsFile openShard(Path index, String tensor, Path shard) {
    if (!Files.exists(shard)) {
      throw new CheckpointException(
          "The shard "
              + shard
              + " that "
              + index.getFileName()
              + " names for "
              + Failure.quote(tensor)
              + " does not exist.");
    }
    return SafetensorsFile.open(shard);
  }

  private static void checkSurplus(
      Path index, Map<String, String> shardOf, Map<String, SafetensorsFile> opened) {
    for (Map.Entry<String, SafetensorsFile> entry : opened.entrySet()) {
      for (String name : entry.getValue().names()) {
        String shard = shardOf.get(name);
        if (!entry.getKey().equals(shard)) {
          throw new CheckpointException(
              entry.getValue().path()
                  + " holds the tensor "
                  + Failure.quote(name)
                  + ", but "
                  + index.getFileName()
                  + (shard == null ? " does not list it." : " places it in " + shard + "."));
        }
      }
    }
  }
}
