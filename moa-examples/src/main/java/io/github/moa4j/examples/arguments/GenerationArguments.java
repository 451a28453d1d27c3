package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of a program that generates: how answers are sampled and when they end. */
public final class GenerationArguments {

  @Option(
      names = "--max-new-tokens",
      defaultValue = "256",
      description = "Longest answer. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      description = "0 takes the most probable token. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      description = "Keep so many tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      description = "Keep the most probable tokens up to this sum. Default: ${DEFAULT-VALUE}.")
  private double topP;

  @Option(
      names = "--min-p",
      defaultValue = "0",
      description = "Keep tokens this share as probable as the best. Default: ${DEFAULT-VALUE}.")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      description = "More than 1 makes repetitions rarer. Default: ${DEFAULT-VALUE}.")
  private double repetitionPenalty;

  @Option(
      names = "--seed",
      description = "Makes the random draws the same at each call. Default: they vary.")
  private Long seed;

  @Option(
      names = "--stop",
      description = "A text that ends the answer; may be given repeatedly. Default: none.")
  private List<String> stop = new ArrayList<>();

  public GenerationOptions options() {
    return Commands.valid(
        () -> {
          GenerationOptions.Builder builder =
              GenerationOptions.builder()
                  .maxNewTokens(maxNewTokens)
                  .temperature(temperature)
                  .topK(topK)
                  .topP(topP)
                  .minP(minP)
                  .repetitionPenalty(repetitionPenalty);
          if (seed != null) {
            builder.seed(seed);
          }
          stop.forEach(builder::stopString);
          return builder.build();
        });
  }
}
