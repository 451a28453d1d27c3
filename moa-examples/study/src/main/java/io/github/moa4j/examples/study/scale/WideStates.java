package io.github.moa4j.examples.study.scale;

import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Synthetic prompts of a wide base: a domain's centre, what the prompts of all domains vary in
 * alike, some values that are a hundred times larger than the others, as real states have, and
 * noise that is twice as wide as the centres lie apart.
 *
 * @param hiddenSize of the base
 */
public record WideStates(int hiddenSize) implements ManyRouted.Prompts {

  private static final int STATES = 4;
  private static final int TRAIN = 24;
  private static final int TEST = 1;
  private static final int SHARED = 16;
  private static final float NOISE = 2;

  /** Returns the states that a router reads. */
  public List<Integer> states() {
    return List.of(0, 1, 2, 3);
  }

  @Override
  public List<PromptStates> of(int domain, boolean test) {
    SplittableRandom random = new SplittableRandom(2L * domain + (test ? 1 : 0));
    List<PromptStates> prompts = new ArrayList<>();
    for (int n = 0; n < (test ? TEST : TRAIN); n++) {
      prompts.add(new PromptStates(states(domain, 0, random), states(domain, 1, random)));
    }
    return prompts;
  }

  private float[][] states(int domain, int pooling, SplittableRandom random) {
    float[][] states = new float[STATES][hiddenSize];
    for (int s = 0; s < STATES; s++) {
      SplittableRandom centre = new SplittableRandom(31L * (31L * domain + s) + pooling);
      float[] shared = new float[SHARED];
      for (int i = 0; i < SHARED; i++) {
        shared[i] = (float) (3 * random.nextGaussian());
      }
      for (int j = 0; j < hiddenSize; j++) {
        double value = centre.nextGaussian() + NOISE * random.nextGaussian() + shared[j % SHARED];
        states[s][j] = (float) (j % 500 == 7 ? 100 * value : value);
      }
    }
    return states;
  }
}
