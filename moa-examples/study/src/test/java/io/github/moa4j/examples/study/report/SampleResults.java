package io.github.moa4j.examples.study.report;

import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.AdaptationFigures;
import io.github.moa4j.examples.study.report.records.CalibrationBin;
import io.github.moa4j.examples.study.report.records.CaseStudy;
import io.github.moa4j.examples.study.report.records.Claim;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.CoveragePoint;
import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.DataFigures;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.InterferenceFigures;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.LearningCurvePoint;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.report.records.TwoDomainRow;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Results of a comparison as it might come out: nine domains, thirteen methods, no real runs. */
public final class SampleResults {

  /** Text that would break a page or a table if it were not escaped. */
  static final String NASTY = "<script>alert('x')</script> & \"quoted\" | piped\n```\n<b>next line";

  private static final double NONE = Double.NaN;

  private static final List<String> DOMAINS =
      List.of("code", "exam", "finance", "math", "medicine", "qa", "shell", "sql", "tools");
  private static final double[] ORACLE_PERPLEXITY = {
    3.91, 1.62, 14.2, 2.31, 9.47, 11.8, 2.74, 1.43, 1.27
  };
  private static final List<String> LABELLED = List.of("exam");

  private static final List<String> ROUTERS =
      List.of("layer-wise", "ridge", "arrow", "bag of words");

  /** Method, factor on the oracle's perplexity, learning rate, parameters, seeds. */
  private record Sample(
      String method, String description, double factor, double rate, long parameters, int seeds) {}

  private static final List<Sample> METHODS =
      List.of(
          new Sample("base", "The base alone, nothing trained.", 3.4, NONE, 0, 1),
          new Sample(
              "single-lora", "One adapter a domain; the label names it.", 1, 1e-3, 2_654_208, 3),
          new Sample(
              "single-lora-mixed", "One adapter for all, equal rank.", 1.22, 1e-3, 294_912, 3),
          new Sample(
              "single-lora-mixed-large",
              "One adapter for all, equal total parameters.",
              1.15,
              5e-4,
              2_654_208,
              1),
          new Sample("moe-lora-top1", "A gate a token, one expert.", 1.19, 1e-3, 2_700_288, 3),
          new Sample("moe-lora-top2", "A gate a token, two experts.", 1.16, 1e-3, 2_700_288, 3),
          new Sample("moa", "Adapters trained alone, then routers.", 1.004, 1e-3, 2_700_288, 3),
          new Sample(
              "moa-joint", "Experts trained on with the routers.", 0.992, 5e-4, 2_700_288, 3),
          new Sample("activated", "Adapters from the answer's start on.", 1.05, 1e-3, 2_654_208, 1),
          new Sample("merged-linear", "The mean of all adapters.", 1.9, NONE, 294_912, 1),
          new Sample("merged-ties", "TIES merge of all adapters.", 1.8, NONE, 294_912, 1),
          new Sample("merged-dare", "DARE merge of all adapters.", 2.0, NONE, 294_912, 1),
          new Sample("merged-svd", "SVD-compressed sum.", 2.3, NONE, 294_912, 1));

  private SampleResults() {}

  /** All parts. */
  public static ComparisonResults complete() {
    return new ComparisonResults(
        "Nine domains, thirteen methods <sample>",
        "Intel Xeon, 2 cores, JDK 17.0.12, Linux",
        "mvn -B compile exec:java -Dmain=study.CompareMethods -Dexec.args=\"--data domains --base base\"",
        settings(),
        DOMAINS.stream().map(d -> new DataFigures(d, 300, 60, d.length() % 3, 7, 0)).toList(),
        tuning(),
        runs(),
        routing(),
        robustness(),
        unknownDomains(),
        Optional.of(interference()),
        iteration(),
        ablations(),
        List.of(adaptation()),
        learningCurves(),
        List.of(
            new TwoDomainRow("sql + shell", 12.2, 4.1, 3.2),
            new TwoDomainRow("math + tools", 10.2, 3.9, 3.95)),
        caseStudies(),
        claims());
  }

  /** Nothing was measured yet. */
  static ComparisonResults empty() {
    return new ComparisonResults(
        "Nothing yet",
        "a machine",
        "a command",
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** One untrained method, every figure that may be absent absent. */
  static ComparisonResults onlyBase() {
    ComparisonResults empty = empty();
    MethodRun run =
        new MethodRun(
            "base",
            "",
            0,
            Setting.NONE,
            0,
            0,
            0,
            0,
            NONE,
            Map.of("math", new DomainScore(NONE, NONE, NONE, NONE, 0)),
            List.of(new CurvePoint(0, NONE)),
            List.of(),
            new StabilityFigures(NONE, NONE, 0, false),
            Map.of());
    return new ComparisonResults(
        empty.title(),
        empty.machine(),
        empty.command(),
        empty.settings(),
        empty.data(),
        List.of(
            new TuningChoice(
                "moa",
                List.of(new TuningChoice.Trial(new Setting(4, 1e-3), NONE)),
                new Setting(4, 1e-3))),
        List.of(run),
        List.of(
            new RoutingScore(
                "arrow",
                NONE,
                List.of("math"),
                new int[][] {{0}},
                NONE,
                List.of(new CalibrationBin(0.5, NONE, 0)),
                List.of(new CoveragePoint(1, 0, NONE)))),
        empty.robustness(),
        List.of(new UnknownDomainRow("math", Map.of("ridge", NONE), Map.of())),
        empty.interference(),
        List.of(
            new IterationStep(
                "add", "math", true, false, NONE, NONE, 1, NONE, Map.of("math", NONE), Map.of())),
        List.of(new AblationRow("pooling", "mean", NONE, NONE, "")),
        empty.adaptation(),
        List.of(new LearningCurvePoint("math", 10, NONE)),
        List.of(new TwoDomainRow("a + b", NONE, NONE, NONE)),
        empty.caseStudies(),
        empty.claims());
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("training examples a domain", "300");
    settings.put("passes", "2");
    settings.put("generated answers a domain", "40");
    settings.put("rank", "16");
    settings.put("seeds", "1, 2, 3");
    return settings;
  }

  private static List<TuningChoice> tuning() {
    return METHODS.stream()
        .filter(sample -> !Double.isNaN(sample.rate))
        .map(
            sample -> {
              List<TuningChoice.Trial> trials = new ArrayList<>();
              for (double rate : new double[] {3e-4, 5e-4, 1e-3}) {
                trials.add(
                    new TuningChoice.Trial(
                        new Setting(4, rate), sample.rate == rate ? 1.31 : 1.35 + rate * 20));
              }
              if (sample.method.startsWith("moe")) {
                trials.add(new TuningChoice.Trial(new Setting(4, 3e-3), NONE));
              }
              return new TuningChoice(sample.method, trials, new Setting(4, sample.rate));
            })
        .toList();
  }

  private static List<MethodRun> runs() {
    List<MethodRun> runs = new ArrayList<>();
    for (Sample sample : METHODS) {
      for (int seed = 1; seed <= sample.seeds; seed++) {
        runs.add(run(sample, seed));
      }
    }
    return runs;
  }

  private static MethodRun run(Sample sample, long seed) {
    Random random = new Random(sample.method.hashCode() + seed);
    boolean trained = !Double.isNaN(sample.rate);
    Map<String, DomainScore> scores = new LinkedHashMap<>();
    Map<String, List<String>> answers = new LinkedHashMap<>();
    for (int i = 0; i < DOMAINS.size(); i++) {
      String domain = DOMAINS.get(i);
      double factor = sample.factor * (1 + 0.015 * random.nextGaussian());
      double quality = Math.min(1, 1 / Math.pow(factor, 1.3));
      boolean label = LABELLED.contains(domain);
      scores.put(
          domain,
          new DomainScore(
              ORACLE_PERPLEXITY[i] * factor,
              label ? NONE : 38 * quality,
              label ? NONE : 0.55 * quality,
              domain.equals("qa") ? NONE : 0.6 * quality,
              40));
      answers.put(domain, List.of("answer of " + sample.method));
    }
    double speed = trained ? 2100 / Math.sqrt(sample.parameters / 294_912.0) : NONE;
    return new MethodRun(
        sample.method,
        sample.description,
        seed,
        new Setting(4, sample.rate),
        trained ? 412_000 : 0,
        sample.parameters,
        trained ? 412_000 / speed : 0,
        trained ? 2 * 412_000 / speed : 0,
        speed,
        scores,
        trained ? curve(random, sample.factor, 60, 0.12) : List.of(),
        trained ? curve(random, sample.factor, 12, 0.01) : List.of(),
        trained
            ? new StabilityFigures(0.62, 3.1 + random.nextDouble(), (int) seed % 3, false)
            : new StabilityFigures(NONE, NONE, 0, false),
        answers);
  }

  private static List<CurvePoint> curve(Random random, double factor, int points, double noise) {
    List<CurvePoint> curve = new ArrayList<>();
    for (int i = 1; i <= points; i++) {
      double progress = i / (double) points;
      double loss = Math.log(4 * factor) + 1.6 * Math.exp(-5 * progress);
      curve.add(
          new CurvePoint(Math.round(412_000 * progress), loss + noise * random.nextGaussian()));
    }
    return curve;
  }

  private static List<RoutingScore> routing() {
    List<RoutingScore> scores = new ArrayList<>();
    double[] accuracies = {0.998, 0.996, 0.81, 0.981};
    for (int r = 0; r < ROUTERS.size(); r++) {
      int n = DOMAINS.size();
      int[][] confusion = new int[n][n];
      int wrong = (int) Math.round((1 - accuracies[r]) * 60);
      for (int i = 0; i < n; i++) {
        confusion[i][i] = 60 - wrong;
        confusion[i][(i + 3) % n] += wrong;
      }
      List<CalibrationBin> bins = new ArrayList<>();
      List<CoveragePoint> coverage = new ArrayList<>();
      for (int b = 0; b < 10; b++) {
        double confidence = 0.05 + b / 10.0;
        bins.add(
            new CalibrationBin(confidence, b < 2 ? NONE : Math.min(1, confidence + 0.04), b * 9));
        coverage.add(
            new CoveragePoint(b / 10.0, 1 - b * b / 300.0, Math.min(1, accuracies[r] + b * 0.01)));
      }
      scores.add(
          new RoutingScore(
              ROUTERS.get(r), accuracies[r], DOMAINS, confusion, 0.02 * (r + 1), bins, coverage));
    }
    return scores;
  }

  private static List<RobustnessRow> robustness() {
    Map<String, Double> forms = new LinkedHashMap<>();
    forms.put("clean", 0.0);
    forms.put("without input", 0.03);
    forms.put("lower-cased", 0.01);
    forms.put("first eight words", 0.085);
    forms.put("typing errors", 0.015);
    return forms.entrySet().stream()
        .map(
            form ->
                new RobustnessRow(
                    form.getKey(),
                    byRouter(r -> (0.998 - form.getValue()) * (1 - r.length() % 5 / 40.0))))
        .toList();
  }

  private static Map<String, Double> byRouter(ToDoubleFunction<String> value) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String router : ROUTERS) {
      values.put(router, value.applyAsDouble(router));
    }
    return values;
  }

  private static List<UnknownDomainRow> unknownDomains() {
    List<String> unknown = new ArrayList<>(DOMAINS);
    unknown.add("books");
    unknown.add("encyclopedia");
    return unknown.stream()
        .map(
            name ->
                new UnknownDomainRow(
                    name,
                    byRouter(
                        r -> r.equals("arrow") ? NONE : 0.9 + (name.length() + r.length()) / 300.0),
                    byRouter(r -> 0.5 - (name.length() + r.length()) / 80.0)))
        .toList();
  }

  private static InterferenceFigures interference() {
    int n = DOMAINS.size();
    double[][] cosine = new double[n][n];
    double[][] rows = new double[n][n];
    double[][] columns = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double near = i == j ? 1 : 0.25 / (1 + Math.abs(i - j));
        cosine[i][j] = i == j ? 1 : near - 0.08;
        rows[i][j] = i == j ? 1 : 0.2 + near;
        columns[i][j] = i == j ? 1 : 0.15 + near;
      }
    }
    return new InterferenceFigures(DOMAINS, cosine, rows, columns);
  }

  private static List<IterationStep> iteration() {
    List<IterationStep> steps = new ArrayList<>();
    for (int step = 0; step < DOMAINS.size(); step++) {
      Map<String, Double> mixture = new LinkedHashMap<>();
      Map<String, Double> shared = new LinkedHashMap<>();
      for (int i = 0; i <= step; i++) {
        mixture.put(DOMAINS.get(i), ORACLE_PERPLEXITY[i]);
        shared.put(DOMAINS.get(i), ORACLE_PERPLEXITY[i] * (1 + 0.35 * Math.sqrt(step - i)));
      }
      steps.add(
          new IterationStep(
              "add",
              DOMAINS.get(step),
              true,
              true,
              step == 0 ? NONE : 0.999 - step * 0.0004,
              step == 0 ? NONE : 0.002,
              61.4,
              0.31,
              mixture,
              shared));
    }
    IterationStep last = steps.get(steps.size() - 1);
    steps.add(
        new IterationStep(
            "remove", "qa", true, true, 0.998, 0, 0.6, 0.28, last.mixturePerplexity(), Map.of()));
    return steps;
  }

  private static List<AblationRow> ablations() {
    return List.of(
        new AblationRow("domain label", "with (MoA)", 3.71, 0.998, ""),
        new AblationRow("domain label", "without", 4.22, 0.41, "soft mixture of all experts"),
        new AblationRow("initialisation", "trained experts (MoA)", 3.71, 0.998, ""),
        new AblationRow("initialisation", "random", 4.40, 0.997, ""),
        new AblationRow("pooling", "mean", 3.71, 0.998, ""),
        new AblationRow("pooling", "last token", 3.74, 0.993, ""),
        new AblationRow("rank", "4", 3.93, NONE, "routers unchanged"),
        new AblationRow("rank", "16", 3.71, NONE, "routers unchanged"));
  }

  private static AdaptationFigures adaptation() {
    Random random = new Random(5);
    return new AdaptationFigures(
        "shell",
        "sql",
        1.21,
        38_000,
        21_500,
        curve(random, 1, 12, 0.01),
        curve(random, 0.9, 12, 0.01));
  }

  private static List<LearningCurvePoint> learningCurves() {
    List<LearningCurvePoint> points = new ArrayList<>();
    for (int i = 0; i < DOMAINS.size(); i++) {
      for (int examples : new int[] {30, 75, 150, 300}) {
        points.add(
            new LearningCurvePoint(
                DOMAINS.get(i),
                examples,
                ORACLE_PERPLEXITY[i] * (1 + (6 + i) / (double) examples)));
      }
    }
    return points;
  }

  private static List<CaseStudy> caseStudies() {
    Map<String, String> answers = new LinkedHashMap<>();
    METHODS.forEach(
        sample ->
            answers.put(
                sample.method,
                sample.method.equals("base")
                    ? NASTY
                    : "Tom has 3 boxes of 12 pencils, 36 in all. He gives away 9, so 27 are left."
                        + " The answer is 27."));
    return List.of(
        new CaseStudy(
            "math",
            "Tom has 3 boxes with 12 pencils each. He gives 9 pencils to his sister. How many are"
                + " left?",
            "3 * 12 = 36, 36 - 9 = 27. The answer is 27.",
            answers),
        new CaseStudy(
            "exam",
            "Which gas do plants take in?\nA. oxygen\nB. carbon dioxide\nC. helium\nD. neon",
            "B",
            Map.of("moa", "B")));
  }

  private static List<Claim> claims() {
    return List.of(
        new Claim(
            "MoA's perplexity is below Single-LoRA's on mixed data.",
            true,
            "geometric mean 3.71 ± 0.02 against 4.51 ± 0.03"),
        new Claim("Routing accuracy is at least 0.99 on validation data.", true, "0.998"),
        new Claim(
            "Without its input part, a prompt is routed with at least 0.96 accuracy.",
            false,
            "0.948 (layer-wise), 0.951 (ridge)"));
  }
}
