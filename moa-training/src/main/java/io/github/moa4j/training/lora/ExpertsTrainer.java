package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.ExpertBank;
import io.github.moa4j.training.gradient.ExpertGating;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import io.github.moa4j.training.gradient.internal.Gradients;
import io.github.moa4j.training.gradient.internal.TrainableExperts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Trains several experts together on batches that mix their domains, each sequence in the same
 * forward pass as all others:
 *
 * <ul>
 *   <li>by label, the joint stage of Feng et al. (2024): every sequence runs through the expert of
 *       its domain, so no gradient of one domain reaches another's adapter, and every optimiser
 *       step holds the same share of each domain;
 *   <li>by token, a MoE-LoRA: a gating per layer picks the k most probable experts of every token,
 *       and a loss keeps their use even (Shazeer et al., 2017; Fedus et al., 2022);
 *   <li>by sequence, the ablation without domain labels: a soft mixture by the pooled prompt, the
 *       only way in which the language model's gradient reaches a router.
 * </ul>
 *
 * <p>Thread-safe: each call of {@link #train} has its own parameters.
 */
public final class ExpertsTrainer {

  private final BaseModel model;
  private final TrainingOptions options;
  private final TrainingListener listener;
  private final ExpertGating gating;
  private final double gatingWeight; // of the layers' own loss
  private final double gatingRateShare; // learning rate of the gating over that of the experts

  private ExpertsTrainer(
      BaseModel model,
      TrainingOptions options,
      TrainingListener listener,
      ExpertGating gating,
      double gatingWeight,
      double gatingRateShare) {
    if (!options.privacy().isNone()) {
      throw new IllegalArgumentException(
          "Experts that train together are not trained privately; train each domain's adapter with"
              + " LoraTrainer");
    }
    if (options.updateRule() == UpdateRule.MUON) {
      throw new IllegalArgumentException(
          "MUON would mix the ranks of experts that train together; use UpdateRule.ADAMW, or train"
              + " each domain's adapter with LoraTrainer");
    }
    this.model = model;
    this.options = options;
    this.listener = listener;
    this.gating = gating;
    this.gatingWeight = gatingWeight;
    this.gatingRateShare = gatingRateShare;
  }

  /** Every sequence through the expert of its label. */
  public static ExpertsTrainer byLabel(
      BaseModel model, TrainingOptions options, TrainingListener listener) {
    return new ExpertsTrainer(model, options, listener, ExpertGating.byLabel(), 0, 1);
  }

  /**
   * Every sequence through the expert of its label, while routers in the same pass learn to predict
   * the label: equation 4 of Feng et al. (2024).
   *
   * @param options of the experts; the routers follow the same schedule
   */
  public static ExpertsTrainer byLabelWithRouters(
      BaseModel model,
      TrainingOptions options,
      TrainingListener listener,
      JointRouterOptions routers) {
    return new ExpertsTrainer(
        model,
        options,
        listener,
        ExpertGating.byLabelWithRouters(routers.pooling()),
        routers.labelWeight(),
        routers.learningRate() / options.learningRate());
  }

  /**
   * Every token through the experts that its layer picks.
   *
   * @param topK experts a token takes
   * @param balanceWeight weight of the load-balance loss, usually 0.01
   */
  public static ExpertsTrainer byToken(
      BaseModel model,
      TrainingOptions options,
      TrainingListener listener,
      int topK,
      double balanceWeight) {
    return new ExpertsTrainer(
        model, options, listener, ExpertGating.byToken(topK), balanceWeight, 1);
  }

  /** Every sequence through all experts, weighted by what each layer makes of its prompt. */
  public static ExpertsTrainer bySequence(
      BaseModel model, TrainingOptions options, TrainingListener listener) {
    return new ExpertsTrainer(
        model, options, listener, ExpertGating.bySequence(Pooling.MEAN), 0, 1);
  }

  /**
   * Trains experts from random initialisation, all of the options' rank.
   *
   * @param train the examples of each expert's domain
   * @param selection the examples that choose the best parameters, domain by domain
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   */
  public TrainedExperts train(
      List<List<EncodedExample>> train, List<List<EncodedExample>> selection) {
    return train(train, selection, session());
  }

  /**
   * Trains experts from random initialisation in a run that can be resumed.
   *
   * @param stateFile where the run keeps its state; see {@link TrainingSession}
   * @throws io.github.moa4j.core.MoaException if the state file belongs to another run
   */
  public TrainedExperts train(
      List<List<EncodedExample>> train, List<List<EncodedExample>> selection, Path stateFile) {
    return train(train, selection, session().withStateFile(stateFile));
  }

  private TrainedExperts train(
      List<List<EncodedExample>> train,
      List<List<EncodedExample>> selection,
      TrainingSession session) {
    return train(
        () -> ExpertBank.initialize(model, options.lora(), train.size(), gating, options.seed()),
        List.of(),
        train,
        selection,
        session);
  }

  private TrainingSession session() {
    return TrainingSession.fresh().withListener(listener);
  }

  /**
   * Trains experts that start from adapters, one a domain; those are not changed.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if the adapters differ in shape
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   */
  public TrainedExperts train(
      List<LoraAdapter> adapters,
      List<List<EncodedExample>> train,
      List<List<EncodedExample>> selection) {
    if (adapters.size() != train.size()) {
      throw new IllegalArgumentException(
          "%d adapters cannot be the experts of %d domains"
              .formatted(adapters.size(), train.size()));
    }
    return train(
        () -> ExpertBank.of(model, adapters, gating, options.seed()),
        adapters,
        train,
        selection,
        session());
  }

  private TrainedExperts train(
      Supplier<ExpertBank> start,
      List<LoraAdapter> adapters,
      List<List<EncodedExample>> train,
      List<List<EncodedExample>> selection,
      TrainingSession session) {
    List<EncodedExample> examples = train.stream().flatMap(List::stream).toList();
    List<EncodedExample> choosing = selection.stream().flatMap(List::stream).toList();
    if (train.size() != selection.size() || examples.isEmpty() || choosing.isEmpty()) {
      throw new IllegalArgumentException(
          "Training needs examples to learn from and to choose by, for the same domains");
    }
    TrainingFit.check(model, options.lora(), examples, i -> "Training example " + (i + 1));
    TrainingFit.check(model, options.lora(), choosing, i -> "Selection example " + (i + 1));
    ExpertBank bank = start.get();
    try (Experts objective = new Experts(bank, train, selection);
        TrainingRun run =
            new TrainingRun(
                model,
                options,
                session,
                objective,
                steps(train, examples),
                RunIdentity.of(
                    model,
                    options + settings(bank),
                    adapters,
                    Stream.concat(train.stream(), selection.stream()).toList()))) {
      TrainingCurve curve = run.execute();
      return new TrainedExperts(
          bank,
          curve.bestStep(),
          curve.bestLoss(),
          curve.losses(),
          curve.evaluations(),
          curve.tokens());
    } catch (RuntimeException e) {
      bank.close();
      throw e;
    }
  }

  /** Tokens that choose know no domains; else every step holds the same share of each. */
  private EpochSteps steps(List<List<EncodedExample>> domains, List<EncodedExample> examples) {
    return gating.kind() == ExpertGating.Kind.BY_TOKEN
        ? EpochSteps.byLength(examples, options)
        : EpochSteps.stratified(domains, options);
  }

  /** What else a run can only go on with. */
  private String settings(ExpertBank bank) {
    return "%s, own loss %s, own rate %s".formatted(bank, gatingWeight, gatingRateShare);
  }

  private final class Experts implements Objective {

    private final ExpertBank bank;
    private final TrainableExperts experts;
    private final IdentityHashMap<EncodedExample, Integer> labels = new IdentityHashMap<>();
    private final List<EncodedExample> selection = new ArrayList<>();
    private final List<Integer> selectionSizes = new ArrayList<>();

    Experts(
        ExpertBank bank, List<List<EncodedExample>> train, List<List<EncodedExample>> selection) {
      this.bank = bank;
      this.experts = bank.unwrap(TrainableExperts.class);
      for (int label = 0; label < train.size(); label++) {
        for (EncodedExample example : train.get(label)) {
          labels.put(example, label);
        }
        for (EncodedExample example : selection.get(label)) {
          labels.put(example, label);
          this.selection.add(example);
        }
        selectionSizes.add(selection.get(label).size());
      }
    }

    @Override
    public List<NDArray> arrays() {
      return experts.arrays();
    }

    @Override
    public double[] learningRates(double scheduled) {
      double[] rates =
          Objective.learningRates(
              scheduled, arrays().size(), experts.factors(), options.loraPlusRatio());
      for (int i = rates.length - experts.gatingArrays(); i < rates.length; i++) {
        rates[i] *= gatingRateShare;
      }
      return rates;
    }

    @Override
    public Gradients gradients(
        NDManager scope, List<EncodedExample> batch, double weight, double share, long salt) {
      // Neighbours of one expert run through it at once.
      List<EncodedExample> together =
          batch.stream().sorted(Comparator.comparingInt(labels::get)).toList();
      return experts.gradients(
          scope,
          AnswerBatch.of(together),
          together.stream().mapToInt(labels::get).toArray(),
          weight,
          gatingWeight * share,
          options.checkpointing());
    }

    @Override
    public SelectionLoss selectionLoss() {
      List<Integer> selected = selection.stream().map(labels::get).toList();
      try (AppliedLora fused = bank.fuse()) {
        return SelectionLoss.of(
            bank.losses(fused, selection, selected, EVALUATION_BATCH_SIZE), selectionSizes);
      }
    }

    @Override
    public void close() {
      // The bank is the result; its owner closes it.
    }
  }
}
