package io.github.moa4j.examples.study.scale;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Prompts of one domain in groups of similar ones (k-means), which stand for domains. */
final class Clusters {

  private static final int ROUNDS = 6;
  private static final int FEWEST = 6;

  private Clusters() {}

  /**
   * Groups prompts by one state; groups of fewer than six are left out.
   *
   * @param count of groups to start with
   */
  static List<List<PromptStates>> of(
      List<PromptStates> prompts, int state, int count, SplittableRandom random) {
    List<float[]> rows = prompts.stream().map(prompt -> Pooling.MEAN.of(prompt, state)).toList();
    float[][] centres = new float[count][];
    for (int k = 0; k < count; k++) {
      centres[k] = rows.get(random.nextInt(rows.size())).clone();
    }
    List<List<Integer>> groups = List.of();
    for (int round = 0; round < ROUNDS; round++) {
      groups = assign(rows, centres);
      for (int k = 0; k < count; k++) {
        if (!groups.get(k).isEmpty()) {
          centres[k] = mean(rows, groups.get(k));
        }
      }
    }
    return groups.stream()
        .filter(group -> group.size() >= FEWEST)
        .map(group -> group.stream().map(prompts::get).toList())
        .toList();
  }

  private static List<List<Integer>> assign(List<float[]> rows, float[][] centres) {
    List<List<Integer>> groups = new ArrayList<>();
    for (int k = 0; k < centres.length; k++) {
      groups.add(new ArrayList<>());
    }
    for (int i = 0; i < rows.size(); i++) {
      int nearest = 0;
      double least = Double.MAX_VALUE;
      for (int k = 0; k < centres.length; k++) {
        double distance = 0;
        for (int j = 0; j < centres[k].length; j++) {
          double difference = rows.get(i)[j] - centres[k][j];
          distance += difference * difference;
        }
        if (distance < least) {
          least = distance;
          nearest = k;
        }
      }
      groups.get(nearest).add(i);
    }
    return groups;
  }

  private static float[] mean(List<float[]> rows, List<Integer> members) {
    float[] mean = new float[rows.get(0).length];
    for (int i : members) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += rows.get(i)[j] / members.size();
      }
    }
    return mean;
  }
}
