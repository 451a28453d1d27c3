package io.github.moa4j.router.ridge;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Prints what a refit of the ridge router costs: {@code RidgeRefitTime [hiddenSize [numStates
 * [domains [pooling]]]]}, by default 1,024, 29, 9 and MEAN_AND_LAST, with the states that {@link
 * DomainStatistics#evenlySpacedStates} keeps. The values are random; the cost does not depend on
 * them.
 */
public final class RidgeRefitTime {

  private static final int PROMPTS = 64;
  private static final int REPEATS = 5;
  private static final String BASE = "base";

  private RidgeRefitTime() {}

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    int hiddenSize = args.length > 0 ? Integer.parseInt(args[0]) : 1024;
    int numStates = args.length > 1 ? Integer.parseInt(args[1]) : 29;
    int domains = args.length > 2 ? Integer.parseInt(args[2]) : 9;
    Pooling pooling = args.length > 3 ? Pooling.valueOf(args[3]) : Pooling.MEAN_AND_LAST;
    List<Integer> states =
        DomainStatistics.evenlySpacedStates(numStates, pooling.width(hiddenSize));
    System.out.printf("%d domains, width %d, states %s%n", domains, hiddenSize, states);
    Path folder = Files.createTempDirectory("refit");
    List<Path> files = new ArrayList<>();
    for (int k = 0; k < domains; k++) {
      DomainStatistics statistics =
          DomainStatistics.empty("domain-" + k, pooling, states, hiddenSize);
      long start = System.nanoTime();
      statistics.add(prompts(k, numStates, hiddenSize));
      if (k == domains - 1) {
        System.out.printf("statistics of %d prompts: %.3f s%n", PROMPTS, seconds(start));
      }
      files.add(folder.resolve(k + ".safetensors"));
      statistics.write(files.get(k), BASE);
    }
    System.out.printf("%.1f MB of statistics a domain%n", Files.size(files.get(0)) / 1e6);
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      RidgeRouter.fit(() -> read(files), RidgeSettings.defaults());
      System.out.printf("refit from the files: %.3f s%n", seconds(start));
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static Iterator<DomainStatistics> read(List<Path> files) {
    return files.stream().map(file -> DomainStatistics.read(file, BASE)).iterator();
  }

  private static List<PromptStates> prompts(long seed, int numStates, int hiddenSize) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < PROMPTS; i++) {
      float[][] states = new float[numStates][hiddenSize];
      for (float[] state : states) {
        for (int j = 0; j < hiddenSize; j++) {
          state[j] = (float) (random.nextGaussian() + seed);
        }
      }
      prompts.add(new PromptStates(states, states));
    }
    return prompts;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
