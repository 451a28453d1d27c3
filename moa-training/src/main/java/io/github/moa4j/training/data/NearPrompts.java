package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the most similar of known prompts. A set of n runs that is similar enough to another shares
 * one of its n - ⌈t·n⌉ + 1 rarest runs with it, t being the least similarity, so only those are
 * looked up. Not thread-safe.
 */
final class NearPrompts {

  /** A prompt and how similar it is. */
  record Match(int position, double similarity) {}

  private final double least;
  private final List<int[]> known;
  private final List<int[]> sought;
  private final List<List<Integer>> byRun = new ArrayList<>();

  /**
   * Prepares a search.
   *
   * @param least least similarity that counts, above 0
   */
  NearPrompts(List<List<ChatMessage>> known, List<List<ChatMessage>> sought, double least) {
    this.least = least;
    Shingles shingles = new Shingles();
    List<int[]> left = known.stream().map(shingles::of).toList();
    List<int[]> right = sought.stream().map(shingles::of).toList();
    int[] rank = rarestFirst(shingles.count(), left, right);
    this.known = left.stream().map(runs -> renumber(runs, rank)).toList();
    this.sought = right.stream().map(runs -> renumber(runs, rank)).toList();
    for (int run = 0; run < rank.length; run++) {
      byRun.add(new ArrayList<>(0));
    }
    for (int i = 0; i < this.known.size(); i++) {
      for (int run : rarest(this.known.get(i))) {
        byRun.get(run).add(i);
      }
    }
  }

  /**
   * Returns the known prompt most like a sought one, of equals the first; nothing if none is
   * similar enough.
   *
   * @param position of the sought prompt
   * @param end known prompts from here on do not count
   */
  Optional<Match> mostSimilar(int position, int end) {
    return Arrays.stream(rarest(sought.get(position)))
        .mapToObj(byRun::get)
        .flatMap(List::stream)
        .filter(candidate -> candidate < end)
        .distinct()
        .map(candidate -> new Match(candidate, similarity(position, candidate)))
        .filter(match -> match.similarity() >= least)
        .min(
            Comparator.comparingDouble((Match match) -> -match.similarity())
                .thenComparingInt(Match::position));
  }

  /** Returns how similar a sought prompt is to a known one, 0 to 1. */
  double similarity(int position, int knownPosition) {
    return Shingles.similarity(sought.get(position), known.get(knownPosition));
  }

  private int[] rarest(int[] runs) {
    int needed = (int) Math.ceil(least * runs.length - 1e-9);
    return Arrays.copyOf(runs, runs.length == 0 ? 0 : runs.length - needed + 1);
  }

  /** The place of each run among all, ordered by how many prompts hold it. */
  private static int[] rarestFirst(int count, List<int[]> left, List<int[]> right) {
    int[] uses = new int[count];
    for (List<int[]> prompts : List.of(left, right)) {
      for (int[] runs : prompts) {
        for (int run : runs) {
          uses[run]++;
        }
      }
    }
    int[] rank = new int[count];
    List<Integer> order =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingInt((Integer run) -> uses[run]))
            .toList();
    for (int place = 0; place < count; place++) {
      rank[order.get(place)] = place;
    }
    return rank;
  }

  private static int[] renumber(int[] runs, int[] rank) {
    return Arrays.stream(runs).map(run -> rank[run]).sorted().toArray();
  }
}
