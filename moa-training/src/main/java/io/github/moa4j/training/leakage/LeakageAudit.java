package io.github.moa4j.training.leakage;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.AnswerLoss;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Attacks adapters of one's own: trains several of them, each on a random half of the same examples
 * with canaries among them, in passes over the base that they share, and measures what each tells
 * of its half to who has the others for comparison. That is more than most attackers have, so an
 * audit that finds nothing is a good sign, but no proof: for that there is {@link
 * io.github.moa4j.training.privacy}.
 */
public final class LeakageAudit {

  private static final int TOGETHER = 4; // adapters a pass: more are hardly faster
  private static final int BATCH_SIZE = 32;

  private final BaseModel model;
  private final ExampleEncoder encoder;
  private final TrainingOptions options;
  private final int adapters;
  private final long seed;

  /**
   * Creates an audit; it does not own the model.
   *
   * @param options how the adapters are trained, privately or not
   * @param adapters how many are trained; 4 or more, an even number
   * @param seed determines who learns from what
   */
  public LeakageAudit(
      BaseModel model, ExampleEncoder encoder, TrainingOptions options, int adapters, long seed) {
    if (adapters < 4 || adapters % 2 != 0) {
      throw new IllegalArgumentException(
          "An audit needs an even number of adapters, 4 at least, not " + adapters);
    }
    this.model = model;
    this.encoder = encoder;
    this.options = options;
    this.adapters = adapters;
    this.seed = seed;
  }

  /**
   * Trains, attacks and measures.
   *
   * @param pool examples of which every adapter learns half
   * @param selection examples that choose the best parameters; empty in private training
   * @param canaries that every adapter learns besides
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   */
  public LeakageReport run(List<Example> pool, List<Example> selection, List<Canary> canaries) {
    List<EncodedExample> encoded = encoder.encode(pool);
    List<EncodedExample> choosing = encoder.encode(selection);
    boolean[][] member = halves(encoded.size());
    double[][] losses = new double[adapters][];
    Map<Integer, List<Double>> exposures = new TreeMap<>();
    List<TrainingResult> trained = new ArrayList<>();
    for (int first = 0; first < adapters; first += TOGETHER) {
      List<LoraTrainer.Course> courses = new ArrayList<>();
      for (int i = first; i < Math.min(adapters, first + TOGETHER); i++) {
        courses.add(
            new LoraTrainer.Course(
                learnt(encoded, member[i], canaries), choosing, TrainingSession.fresh()));
      }
      trained.addAll(new LoraTrainer(model, options).trainTogether(courses));
    }
    for (int i = 0; i < adapters; i++) {
      try (AppliedLora adapter = model.load(trained.get(i).adapter())) {
        losses[i] = losses(adapter, encoded);
        for (Canary canary : canaries) {
          exposures
              .computeIfAbsent(canary.repetitions(), repeated -> new ArrayList<>())
              .add(exposure(adapter, canary));
        }
      }
    }
    MembershipInference attack = new MembershipInference(losses, member);
    return new LeakageReport(
        attack.byLoss(),
        attack.byLikelihoodRatio(),
        means(exposures),
        mean(losses, member, true),
        mean(losses, member, false),
        trained.stream()
            .flatMap(result -> result.privacy().stream())
            .max(Comparator.comparingDouble(promise -> promise.epsilon())));
  }

  /** Gives every example to half of the adapters, [adapter][example]. */
  private boolean[][] halves(int examples) {
    Random random = new Random(seed);
    boolean[][] member = new boolean[adapters][examples];
    List<Integer> order = new ArrayList<>(IntStream.range(0, adapters).boxed().toList());
    for (int example = 0; example < examples; example++) {
      Collections.shuffle(order, random);
      for (int adapter : order.subList(0, adapters / 2)) {
        member[adapter][example] = true;
      }
    }
    return member;
  }

  private List<EncodedExample> learnt(
      List<EncodedExample> pool, boolean[] member, List<Canary> canaries) {
    List<EncodedExample> learnt = new ArrayList<>();
    for (int i = 0; i < member.length; i++) {
      if (member[i]) {
        learnt.add(pool.get(i));
      }
    }
    for (Canary canary : canaries) {
      learnt.addAll(Collections.nCopies(canary.repetitions(), encoder.encode(canary.example())));
    }
    return learnt;
  }

  /** The mean loss of an answer token of each example. */
  private double[] losses(AppliedLora adapter, List<EncodedExample> examples) {
    List<AdapterChoice> choices =
        examples.stream()
            .map(
                example ->
                    AdapterChoice.from(
                        adapter, options.lora().activationPosition(example.prompt()).orElseThrow()))
            .toList();
    return Arrays.stream(AnswerLoss.perToken(model, examples, choices, BATCH_SIZE))
        .mapToDouble(
            tokens ->
                IntStream.range(0, tokens.length).mapToDouble(t -> tokens[t]).average().orElse(0))
        .toArray();
  }

  private double exposure(AppliedLora adapter, Canary canary) {
    double own = losses(adapter, List.of(encoder.encode(canary.example())))[0];
    return Canary.exposure(own, losses(adapter, encoder.encode(canary.others())));
  }

  private static Map<Integer, Double> means(Map<Integer, List<Double>> exposures) {
    Map<Integer, Double> means = new TreeMap<>();
    exposures.forEach(
        (repetitions, all) ->
            means.put(repetitions, all.stream().mapToDouble(bits -> bits).average().orElseThrow()));
    return Collections.unmodifiableMap(means);
  }

  private static double mean(double[][] losses, boolean[][] member, boolean members) {
    return IntStream.range(0, losses.length)
        .boxed()
        .flatMapToDouble(
            adapter ->
                IntStream.range(0, losses[adapter].length)
                    .filter(example -> member[adapter][example] == members)
                    .mapToDouble(example -> losses[adapter][example]))
        .average()
        .orElseThrow();
  }
}
