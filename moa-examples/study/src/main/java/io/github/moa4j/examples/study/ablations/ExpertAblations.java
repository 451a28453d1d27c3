package io.github.moa4j.examples.study.ablations;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.study.methods.Adapters;
import io.github.moa4j.examples.study.methods.MethodRuns;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.methods.TrainedMethod;
import io.github.moa4j.examples.study.methods.Trainings;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.gradient.ExpertBank;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What labels, trained experts, η and the rank are worth to the experts. */
final class ExpertAblations {

  private static final int BATCH = 32;

  private final Workbench bench;
  private final Trainings trainings;
  private final MethodRuns methods;
  private final RoutedMixture mixture;
  private final LayerwiseRouter router;
  private final Scoring scoring;
  private final AblationTable rows;

  ExpertAblations(
      Workbench bench,
      Trainings trainings,
      MethodRuns methods,
      RoutedMixture mixture,
      LayerwiseRouter router,
      AblationTable rows) {
    this.bench = bench;
    this.trainings = trainings;
    this.methods = methods;
    this.mixture = mixture;
    this.router = router;
    this.scoring = new Scoring(bench);
    this.rows = rows;
  }

  void labelsAndInitialisation() {
    Setting setting = methods.setting(MethodRuns.JOINT);
    Setting single = methods.setting(MethodRuns.SINGLE);
    int examples = bench.settings().trainingExamples();
    String ablation = "labels and initialisation";
    rows.add(
        ablation,
        "labels, trained experts",
        () ->
            labelled(
                ablation, "labels, trained experts", methods.joint(1).adapters(), "as moa-joint"));
    rows.add(
        ablation,
        "labels, random experts",
        () -> {
          try (TrainedMethod trained = trainings.jointFromRandom().train(setting, 1, examples)) {
            return labelled(
                ablation, "labels, random experts", trained.adapters(), "all passes jointly");
          }
        });
    rows.add(
        ablation,
        "no labels, trained experts",
        () -> {
          List<LoraAdapter> start = trainings.half(single, 1, examples);
          int passes = bench.settings().epochs() - bench.settings().epochs() / 2;
          try (TrainedMethod trained =
              trainings.withoutLabels(start, setting, 1, examples, passes)) {
            return soft(ablation, "no labels, trained experts", trained);
          }
        });
    rows.add(
        ablation,
        "no labels, random experts",
        () -> {
          try (TrainedMethod trained =
              trainings.withoutLabels(List.of(), setting, 1, examples, bench.settings().epochs())) {
            return soft(ablation, "no labels, random experts", trained);
          }
        });
  }

  private AblationRow labelled(
      String ablation, String setting, List<LoraAdapter> adapters, String note) {
    try (Adapters loaded = new Adapters(bench.model(), bench.names(), adapters)) {
      return new AblationRow(
          ablation,
          setting,
          Scoring.geometricMean(
              scoring.perplexities(bench.domains(), mixture.bySequence(router, loaded)).values()),
          mixture.accuracy(router),
          note);
    }
  }

  /** Experts that the layers mix by the prompt: which one has most weight, and the perplexity. */
  private AblationRow soft(String ablation, String setting, TrainedMethod trained) {
    ExpertBank bank = trained.bank().orElseThrow();
    List<Double> perplexities = new ArrayList<>();
    int right = 0;
    int all = 0;
    try (AppliedLora fused = bank.fuse()) {
      for (int label = 0; label < bench.domains().size(); label++) {
        Domain domain = bench.domains().get(label);
        perplexities.add(perplexity(bank, fused, domain));
        for (double[][] layers : choices(bank, fused, domain)) {
          right += Heaviest.of(layers) == label ? 1 : 0;
          all++;
        }
      }
    }
    return new AblationRow(
        ablation,
        setting,
        Scoring.geometricMean(perplexities),
        (double) right / all,
        "a soft mixture by the prompt; accuracy is that of the heaviest expert");
  }

  private double perplexity(ExpertBank bank, AppliedLora fused, Domain domain) {
    Perplexity sum = Perplexity.NONE;
    List<EncodedExample> items = bench.encoder().encode(domain.validation());
    for (float[] losses : bank.losses(fused, items, List.of(), BATCH)) {
      sum = sum.plus(Perplexity.of(losses));
    }
    return sum.value();
  }

  private List<double[][]> choices(ExpertBank bank, AppliedLora fused, Domain domain) {
    List<int[]> prompts = domain.validation().stream().map(bench.encoder()::encodePrompt).toList();
    List<double[][]> found = new ArrayList<>();
    for (int start = 0; start < prompts.size(); start += BATCH) {
      found.addAll(
          List.of(
              bank.choices(
                  fused, prompts.subList(start, Math.min(prompts.size(), start + BATCH)))));
    }
    return found;
  }

  /** η, where routers learn in the pass of the labels' experts; read on the base's own states. */
  void labelLossWeight() {
    for (double eta : List.of(0.1, 1.0, 10.0)) {
      String setting = "eta " + eta;
      rows.add(
          "weight of the label loss",
          setting,
          () -> {
            int examples = bench.settings().trainingExamples();
            List<LoraAdapter> start =
                trainings.half(methods.setting(MethodRuns.SINGLE), 1, examples);
            try (TrainedMethod trained =
                trainings.withRouters(start, methods.setting(MethodRuns.JOINT), 1, examples, eta)) {
              ExpertBank bank = trained.bank().orElseThrow();
              double perplexity;
              try (Adapters loaded = new Adapters(bench.model(), bench.names(), bank.split())) {
                perplexity =
                    Scoring.geometricMean(
                        scoring
                            .perplexities(bench.domains(), RoutedMixture.byLabel(loaded))
                            .values());
                return new AblationRow(
                    "weight of the label loss",
                    setting,
                    perplexity,
                    accuracyOnBaseStates(bank),
                    String.format(
                        Locale.ROOT,
                        "by label; accuracy on the base's own states. On the states of the"
                            + " label's own expert, which no inference has: %.4f",
                        accuracyOnLabelStates(bank, loaded)));
              }
            }
          });
    }
  }

  private double accuracyOnBaseStates(ExpertBank bank) {
    int right = 0;
    int all = 0;
    for (int label = 0; label < bench.domains().size(); label++) {
      for (PromptStates states : mixture.states(bench.domains().get(label))) {
        right += chosen(bank, states) == label ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  private double accuracyOnLabelStates(ExpertBank bank, Adapters loaded) {
    int right = 0;
    int all = 0;
    for (int label = 0; label < bench.domains().size(); label++) {
      Domain domain = bench.domains().get(label);
      for (PromptStates states :
          bench
              .evaluator()
              .states(
                  domain.validation(),
                  RoutedMixture.byLabel(loaded).of(domain, domain.validation()))) {
        right += chosen(bank, states) == label ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  /** The expert of the highest mean probability over the layers. */
  private int chosen(ExpertBank bank, PromptStates states) {
    List<HostTensor> gating = bank.gatingTensors();
    float[] weight = gating.get(0).toFloatArray();
    float[] bias = gating.get(1).toFloatArray();
    int experts = bank.experts();
    int layers = bias.length / experts;
    double[] sums = new double[experts];
    for (int layer = 0; layer < layers; layer++) {
      double[] p = softmax(weight, bias, layer, experts, states.mean()[layer]);
      for (int expert = 0; expert < experts; expert++) {
        sums[expert] += p[expert];
      }
    }
    return Heaviest.of(sums);
  }

  private double[] softmax(float[] weight, float[] bias, int layer, int experts, float[] state) {
    int width = state.length;
    double square = 0;
    for (float value : state) {
      square += (double) value * value / width;
    }
    double norm = 1 / Math.sqrt(square + bench.model().config().rmsNormEps());
    double[] p = new double[experts];
    double sum = 0;
    for (int expert = 0; expert < experts; expert++) {
      double score = bias[layer * experts + expert];
      for (int i = 0; i < width; i++) {
        score += weight[(layer * experts + expert) * width + i] * state[i] * norm;
      }
      p[expert] = Math.exp(score);
      sum += p[expert];
    }
    for (int expert = 0; expert < experts; expert++) {
      p[expert] /= sum;
    }
    return p;
  }

  void ranks() {
    int rank = bench.settings().rank();
    for (int other : List.of(rank / 4, rank, rank * 2)) {
      rows.add(
          "rank",
          "rank " + other,
          () -> {
            List<LoraAdapter> adapters =
                other == rank
                    ? methods.single(1).adapters()
                    : trainings
                        .singleLora("rank-" + other, bench.lora(other))
                        .train(
                            methods.setting(MethodRuns.SINGLE),
                            1,
                            bench.settings().trainingExamples())
                        .adapters();
            try (Adapters loaded = new Adapters(bench.model(), bench.names(), adapters)) {
              return new AblationRow(
                  "rank",
                  "rank " + other,
                  Scoring.geometricMean(
                      scoring
                          .perplexities(bench.domains(), RoutedMixture.byLabel(loaded))
                          .values()),
                  Double.NaN,
                  "single adapters, by label");
            }
          });
    }
  }
}
