package io.github.moa4j.training.merging;

/**
 * A way of making one adapter of several. With the delta D_i = s_i B_i A_i of adapter i in a map
 * and its weight w_i, each method forms its own combination of the deltas, map by map. The names
 * are those of PEFT's {@code add_weighted_adapter}.
 */
public sealed interface MergeMethod {

  /** Returns PEFT's name of this method, such as {@code ties_svd}. */
  String peftName();

  /** The exact weighted sum of the deltas. The ranks add up. */
  static MergeMethod cat() {
    return new Cat();
  }

  /** PEFT's {@code linear}: the factors are summed, not the deltas. Keeps the rank. */
  static MergeMethod linear() {
    return new Linear();
  }

  /** The weighted sum of the deltas, compressed to a rank. */
  static MergeMethod svd(int rank) {
    return new Svd(rank);
  }

  /** TIES on the deltas, compressed to a rank; see {@link Ties}. */
  static MergeMethod ties(double density, int rank) {
    return new Ties(density, rank);
  }

  /** DARE on the deltas, summed and compressed to a rank; see {@link Dare}. */
  static MergeMethod dareLinear(double density, int rank, long seed) {
    return new Dare(density, rank, seed, false);
  }

  /** DARE on the deltas, then TIES' election of signs, compressed to a rank; see {@link Dare}. */
  static MergeMethod dareTies(double density, int rank, long seed) {
    return new Dare(density, rank, seed, true);
  }

  /**
   * Σ w_i D_i exactly: the rows of √(w_i s_i) A_i below each other, the columns of √(w_i s_i) B_i
   * beside each other. The rank is the sum of the adapters' ranks.
   */
  record Cat() implements MergeMethod {
    @Override
    public String peftName() {
      return "cat";
    }
  }

  /**
   * B = Σ √|w_i s_i| B_i and A = Σ ±√|w_i s_i| A_i, the sign being that of w_i. The adapters' ranks
   * must agree. B A holds each w_i D_i, but also the product of every B_i with every other A_j, so
   * this is no sum of deltas; it means something only where the adapters started from the same A,
   * and there N weights of w act like N weights of N · w.
   */
  record Linear() implements MergeMethod {
    @Override
    public String peftName() {
      return "linear";
    }
  }

  /**
   * The best approximation of Σ w_i D_i that has a rank. PEFT's {@code svd} applies s_i twice; here
   * it applies once, as everywhere else.
   *
   * @param rank of the merged adapter, at least 1; exact from the rank of the sum on
   */
  record Svd(int rank) implements MergeMethod {
    /** Checks the rank. */
    public Svd {
      requireRank(rank);
    }

    @Override
    public String peftName() {
      return "svd";
    }
  }

  /**
   * TIES (Yadav et al., 2023). Of each delta the {@code density · size} entries of greatest
   * magnitude are kept; the sign of each entry is elected by the sum of what is left; and the
   * entries of that sign are averaged: Σ w_i D_i over the agreeing adapters, divided by their
   * number. Trimmed within each map, and elected before the weights apply, as PEFT does. The mean
   * keeps the size of one adapter, so weights of 1 are the rule.
   *
   * @param density share of the entries that are kept, in (0, 1]
   * @param rank of the merged adapter, at least 1
   */
  record Ties(double density, int rank) implements MergeMethod {
    /** Checks density and rank. */
    public Ties {
      requireDensity(density);
      requireRank(rank);
    }

    @Override
    public String peftName() {
      return "ties_svd";
    }
  }

  /**
   * DARE (Yu et al., 2024). Each entry of a delta is kept with the probability {@code density} and
   * divided by it, so that its expectation stays; what is left is summed with the weights, or
   * combined by TIES' election and mean.
   *
   * @param density probability that an entry is kept (1 - the paper's p), in (0, 1]
   * @param rank of the merged adapter, at least 1
   * @param seed of the choice; the same seed gives the same adapter
   * @param electSigns whether the rest is combined as TIES does, instead of summed
   */
  record Dare(double density, int rank, long seed, boolean electSigns) implements MergeMethod {
    /** Checks density and rank. */
    public Dare {
      requireDensity(density);
      requireRank(rank);
    }

    @Override
    public String peftName() {
      return electSigns ? "dare_ties_svd" : "dare_linear_svd";
    }
  }

  private static void requireRank(int rank) {
    if (rank < 1) {
      throw new IllegalArgumentException(
          "A merged adapter needs a rank of at least 1, not " + rank);
    }
  }

  private static void requireDensity(double density) {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "The density is the share of entries that are kept, above 0 and up to 1, not " + density);
    }
  }
}
