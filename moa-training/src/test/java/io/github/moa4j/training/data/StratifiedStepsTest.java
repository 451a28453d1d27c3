package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Every example once an epoch, and every domain evenly over its steps. */
final class StratifiedStepsTest {

  @Property(tries = 200)
  void everyStepHoldsTheSameShareOfEveryDomain(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 60) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 9) int batchSize,
      @ForAll @IntRange(min = 1, max = 4) int batchesPerStep,
      @ForAll @IntRange(max = 3) int epoch) {
    List<List<EncodedExample>> domains = new ArrayList<>();
    for (int domain = 0; domain < sizes.size(); domain++) {
      domains.add(examples(sizes.get(domain), 2 + 10 * domain)); // lengths tell domains apart
    }
    int total = sizes.stream().mapToInt(Integer::intValue).sum();
    int stepSize = batchSize * batchesPerStep;
    var steps = StratifiedSteps.of(domains, batchSize, batchesPerStep, 1, epoch);
    assertThat(steps).hasSize((total + stepSize - 1) / stepSize);
    Set<EncodedExample> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (List<List<EncodedExample>> step : steps) {
      assertThat(step).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(batchSize));
      List<EncodedExample> all = step.stream().flatMap(List::stream).toList();
      assertThat(all).hasSizeBetween(total / steps.size(), total / steps.size() + 1);
      seen.addAll(all);
      for (List<EncodedExample> domain : domains) {
        double share = (double) domain.size() * all.size() / total;
        long found = all.stream().filter(domain::contains).count();
        assertThat((double) found).isBetween(share - sizes.size(), share + sizes.size());
      }
    }
    assertThat(seen).hasSize(total);
  }

  @Property(tries = 20)
  void theSameSeedAndEpochGiveTheSameSteps(@ForAll @IntRange(max = 9) int epoch) {
    List<List<EncodedExample>> domains = List.of(examples(30, 2), examples(20, 5));
    var steps = StratifiedSteps.of(domains, 4, 2, 1, epoch);
    assertThat(StratifiedSteps.of(domains, 4, 2, 1, epoch)).isEqualTo(steps);
    assertThat(StratifiedSteps.of(domains, 4, 2, 1, epoch + 1)).isNotEqualTo(steps);
    assertThat(StratifiedSteps.of(domains, 4, 2, 2, epoch)).isNotEqualTo(steps);
  }

  private static List<EncodedExample> examples(int count, int length) {
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] tokens = new int[length];
      tokens[0] = i;
      examples.add(new EncodedExample(tokens, 1));
    }
    return examples;
  }
}
