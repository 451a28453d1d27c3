package io.github.moa4j.core.generation;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A random model with a tokenizer and two adapters. What it writes is nonsense of mixed bytes. */
record Fixture(
    BaseModel model,
    TextTokenizer tokenizer,
    TextGenerator generator,
    AppliedLora first,
    AppliedLora second)
    implements AutoCloseable {

  static Fixture open(Path folder) {
    Path directory = TestModels.withTokenizer(folder.resolve("base"));
    BaseModel model = BaseModel.load(directory, WeightFormat.F32);
    TextTokenizer tokenizer = TextTokenizer.open(directory);
    return new Fixture(
        model,
        tokenizer,
        new TextGenerator(model, tokenizer),
        model.load(TestModels.randomAdapter(model, 1)),
        model.load(TestModels.randomAdapter(model, 2)));
  }

  /** A prompt of so many random tokens. */
  static int[] prompt(int length, long seed) {
    return new SplittableRandom(seed).ints(length, 10, 4000).toArray();
  }

  /** A request to the base. */
  static GenerationRequest request(int promptLength, GenerationOptions options) {
    return new GenerationRequest(prompt(promptLength, promptLength), AdapterChoice.base(), options);
  }

  @Override
  public void close() {
    generator.close();
    first.close();
    second.close();
    tokenizer.close();
    model.close();
  }
}
