package io.github.moa4j.training.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Optimiser steps that each hold the same share of every domain, in batches of similar length.
 * Without this the lengths would sort the domains: one whose prompts are long would meet its expert
 * in a few steps of an epoch and leave it alone in all others.
 *
 * <p>The steps are a function of examples, settings, seed and epoch alone, and every epoch has the
 * same number of them.
 */
public final class StratifiedSteps {

  private StratifiedSteps() {}

  private record Placed(double position, EncodedExample example) {}

  /**
   * Makes the steps of an epoch.
   *
   * @param domains the examples of each domain; not all empty
   * @param batchSize most examples of a batch
   * @param batchesPerStep batches of a step that has as many examples as it may
   * @return steps of batches of examples; the steps differ by one example at most
   */
  public static List<List<List<EncodedExample>>> of(
      List<List<EncodedExample>> domains, int batchSize, int batchesPerStep, long seed, int epoch) {
    Random random = new Random(LengthBucketedBatches.mix(seed, epoch));
    List<Placed> placed = new ArrayList<>();
    for (int domain = 0; domain < domains.size(); domain++) {
      // Spread evenly over the epoch, the domains offset against each other.
      double offset = (domain + 0.5) / domains.size();
      List<EncodedExample> shuffled = new ArrayList<>(domains.get(domain));
      Collections.shuffle(shuffled, random);
      for (int i = 0; i < shuffled.size(); i++) {
        placed.add(new Placed((i + offset) / shuffled.size(), shuffled.get(i)));
      }
    }
    placed.sort(Comparator.comparingDouble(Placed::position));
    int stepSize = Math.multiplyExact(batchSize, batchesPerStep);
    int steps = (placed.size() - 1) / stepSize + 1;
    List<List<List<EncodedExample>>> result = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      int from = (int) ((long) placed.size() * step / steps);
      int to = (int) ((long) placed.size() * (step + 1) / steps);
      List<EncodedExample> examples =
          placed.subList(from, to).stream().map(Placed::example).toList();
      result.add(LengthBucketedBatches.of(examples, batchSize, seed + step, epoch));
    }
    return List.copyOf(result);
  }
}
