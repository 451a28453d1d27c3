package io.github.moa4j.training.gradient.internal;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small random checkpoint with reference outputs of an independent implementation in f32. */
record GoldenBatch(Path directory) {

  static GoldenBatch of(String name) {
    return new GoldenBatch(Path.of("../moa-core/src/test/resources/golden").resolve(name));
  }

  BaseModel load() {
    return BaseModel.load(directory, WeightFormat.F32);
  }

  LoraAdapter adapter() {
    return PeftFormat.read(directory.resolve("adapter"));
  }

  float[] floats(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("golden.safetensors"))) {
      return file.tensor(name).toFloatArray();
    }
  }

  /** The two sequences of the reference batch, their loss on the tokens that have a label. */
  List<EncodedExample> examples() {
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("golden.safetensors"))) {
      long[] ids = file.tensor("input_ids").toLongArray();
      long[] labels = file.tensor("labels").toLongArray();
      int length = (int) file.shape("input_ids")[1];
      List<EncodedExample> examples = new ArrayList<>();
      for (int from = 0; from < ids.length; from += length) {
        int[] tokens = Arrays.stream(ids, from, from + length).mapToInt(Math::toIntExact).toArray();
        int prompt = 0;
        while (labels[from + prompt] < 0) {
          prompt++;
        }
        examples.add(new EncodedExample(tokens, prompt));
      }
      return examples;
    }
  }

  /** An adapter whose A and B are both random. */
  static LoraAdapter random(BaseModel model, LoraConfig config, long seed) {
    return random(model, config, 0.2, seed);
  }

  static LoraAdapter random(BaseModel model, LoraConfig config, double deviation, long seed) {
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    LoraInitialization.random(model.config(), config, seed)
        .tensors()
        .forEach(
            (key, tensor) -> {
              float[] values = new float[tensor.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
              }
              tensors.put(key, HostTensor.of(values, tensor.shape()));
            });
    return LoraAdapter.of(config, tensors);
  }

  /** The greatest absolute difference of two elements. */
  static double difference(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(actual.length + " values, expected " + expected.length);
    }
    double max = 0;
    for (int i = 0; i < actual.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      // NaN compares false with everything and must not pass.
      max = difference <= max ? max : difference;
    }
    return max;
  }

  /** ‖actual − expected‖ / ‖expected‖. */
  static double relative(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
