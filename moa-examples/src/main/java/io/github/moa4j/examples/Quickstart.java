package io.github.moa4j.examples;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.domains.GeneratedDomain;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.examples.measurement.HeldOutMeasurement;
import io.github.moa4j.examples.measurement.MeasuredReport;
import io.github.moa4j.examples.measurement.WordingMeasurement;
import io.github.moa4j.examples.training.DomainByDomain;
import io.github.moa4j.training.data.DataReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a mixture from nothing and shows what it can do: adapters one domain at a time, then the
 * routers, then tables of base against mixture on held-out items.
 */
@Command(
    name = "Quickstart",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains a Mixture-of-LoRAs and evaluates it. Without options: the embedded base and five"
            + " kinds of work whose examples the program makes itself. A run that was stopped goes"
            + " on from its output folder.")
public final class Quickstart implements Callable<Integer> {

  /**
   * The kinds of work with more to tell apart need more. They are trained in this order, in which
   * two at a time end together.
   */
  private static final List<Map.Entry<String, Integer>> EXAMPLES =
      List.of(
          Map.entry("shell", 16500),
          Map.entry("sql", 11500),
          Map.entry("cron", 6800),
          Map.entry("logs", 6400),
          Map.entry("tools", 6600));

  private static final int ROUTER_PROMPTS = 2000;
  private static final int NONE_TEXTS = 1000;
  private static final int SELECTION_EXAMPLES = 160;
  private static final int HELD_OUT = 100;

  /** Of the held-out requests, so that runs with other seeds are measured on the same. */
  private static final long SEED = 1;

  private static final String WHAT_NEXT =
      """
      A base of 7 million parameters copies short values and fills in known forms. It knows nothing,
      cannot reason, and fails on wordings far from its examples. The same programs run on any
      model in Hugging Face's format of a family that docs/models.md lists:
        mvn -q compile exec:java -Dexec.args="--base DIR --output moa-large --train-examples 500"
      Ask what was trained here, a line a question:\
      """;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--data",
      description =
          "A folder with a folder a domain, each with train.jsonl and, to measure on,"
              + " validation.jsonl."
              + " Default: generated examples.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--output",
      defaultValue = "moa-quickstart",
      description = "Where mixture and report.json go. Default: ${DEFAULT-VALUE}.")
  private Path output = Path.of("moa-quickstart");

  @Option(
      names = "--answers",
      description = "Held-out items a domain that are answered. Default: 100 generated, 40 other.")
  private int answers;

  @Option(
      names = "--max-new-tokens",
      description = "Longest answer. Default: 64 generated, 128 other.")
  private int maxNewTokens;

  @Option(
      names = "--baseline",
      description =
          "Compare with one adapter trained on the mixed data of all domains, and every adapter with"
              + " every domain. Takes twice as long.")
  private boolean baseline;

  @Option(
      names = "--at-once",
      description =
          "Adapters that are trained at a time, each with its share of the processors. Default: as"
              + " many as there are processors with the embedded base, on which a training gains"
              + " little from a second one, else 1.")
  private int atOnce;

  @Mixin private final TrainingArguments training = new TrainingArguments();

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Quickstart(), args));
  }

  @Override
  public Integer call() {
    List<Domain> domains =
        data.map(Domains::read).orElseGet(this::generate).stream().map(training::prepared).toList();
    Path baseDirectory =
        base.directory().orElseGet(() -> EmbeddedBase.extractTo(output.resolve("base")));
    try (OpenBase opened = OpenBase.load(Optional.of(baseDirectory), training.weightFormat())) {
      Path directory = output.resolve("mixture");
      MixtureDirectory mixture =
          Files.exists(directory.resolve("moa.json"))
              ? MixtureDirectory.open(directory)
              : MixtureDirectory.create(
                  directory,
                  opened.model().fingerprint(),
                  baseDirectory.toAbsolutePath().toString());
      mixture.state().checkBase(opened.model().fingerprint());
      trainAndMeasure(opened, mixture, domains);
    }
    return 0;
  }

  private void trainAndMeasure(OpenBase opened, MixtureDirectory mixture, List<Domain> domains) {
    MeasuredReport report = new MeasuredReport();
    BaseModel model = opened.model();
    report.say(
        "Base %s, %s. On it are trained: %s, one adapter each, then the router that chooses.%n",
        model.directory(),
        model.weightFormat(),
        String.join(", ", domains.stream().map(Domain::name).toList()));
    MixtureTrainer trainer = trainer(opened);
    Optional<LoraAdapter> start = start(model, trainer);
    if (start.isPresent()) {
      report.say(
          "Every adapter starts from one that comes with the base and can copy.%s",
          training.examplesLeftOpen() && !baseline
              ? " All of it takes about six minutes on 2 cores."
              : "");
    } else if (isEmbedded()) {
      report.say(
          "Every adapter starts from nothing and copies less: the one that comes with the base is"
              + " for its rank and above, and for adapters that are not activated.");
    }
    if (data.isPresent()) {
      domains.forEach(domain -> report.say("%s", DataReport.of(domain).toString().stripTrailing()));
    }
    report.put("compute_type", model.weightFormat().name());
    report.put("base_fingerprint", model.fingerprint());
    DomainByDomain training = new DomainByDomain(trainer, mixture, model.directory(), report);
    List<TrainedDomain> trained = training.train(domains, start, atOnce());
    Optional<LoraAdapter> mixed =
        baseline
            ? Optional.of(training.trainMixed(domains, output.resolve("single-lora")))
            : Optional.empty();
    report.say("Teaching the router and measuring ...");
    trainer.trainRouters(mixture, trained);
    if (data.isEmpty()) {
      measureWordings(opened, trainer, mixture, report);
    }
    if (data.isPresent() || baseline) {
      measureDomains(opened, trainer, mixture, domains, mixed, report);
    }
    report.write(output.resolve("report.json"));
    report.say("%n%s", isEmbedded() ? WHAT_NEXT : "Ask it:");
    report.say(
        "  mvn -q compile exec:java -Dmain=Ask -Dexec.args=\"--mixture %s%s\"",
        mixture.directory(), data.isEmpty() ? " --no-history --no-base" : "");
  }

  /** Whether base and examples are those that the program brings. */
  private boolean isEmbedded() {
    return data.isEmpty() && base.directory().isEmpty();
  }

  private int atOnce() {
    int processors = base.directory().isPresent() ? 1 : Runtime.getRuntime().availableProcessors();
    return atOnce > 0 ? atOnce : processors;
  }

  private void measureWordings(
      OpenBase opened, MixtureTrainer trainer, MixtureDirectory mixture, MeasuredReport report) {
    try (WordingMeasurement measurement =
        new WordingMeasurement(opened, trainer, mixture, report)) {
      for (GeneratedDomain domain : GeneratedDomains.all()) {
        GeneratedExamples held = domain.generate(1, answers > 0 ? answers : HELD_OUT, SEED);
        measurement.measure(domain.name(), held.heldOut(), held.unseen());
      }
      GeneratedDomain none = GeneratedDomains.none();
      GeneratedExamples held = none.generate(1, HELD_OUT, SEED);
      measurement.report(
          measurement.abstained(held.heldOut()), measurement.abstained(held.unseen()));
    }
  }

  private void measureDomains(
      OpenBase opened,
      MixtureTrainer trainer,
      MixtureDirectory mixture,
      List<Domain> domains,
      Optional<LoraAdapter> mixed,
      MeasuredReport report) {
    List<String> unmeasured =
        domains.stream().filter(domain -> domain.validation().isEmpty()).map(Domain::name).toList();
    if (!unmeasured.isEmpty()) {
      report.say(
          "Not measured, as there is no validation.jsonl: %s", String.join(", ", unmeasured));
    }
    if (unmeasured.size() == domains.size()) {
      return;
    }
    try (HeldOutMeasurement heldOut =
        new HeldOutMeasurement(opened, trainer, mixture, domains, mixed, report)) {
      heldOut.perplexities();
      heldOut.exactMatches(
          answers > 0 ? answers : data.isPresent() ? 40 : HELD_OUT,
          maxNewTokens > 0 ? maxNewTokens : data.isPresent() ? 128 : 64);
    }
  }

  private MixtureTrainer trainer(OpenBase opened) {
    if (data.isPresent()) {
      return training.trainer(opened, 500);
    }
    MixtureTrainer plain =
        base.directory().isPresent()
            ? training.generatedTrainer(opened, EXAMPLES.get(0).getValue())
            : training.embeddedTrainer(opened, EXAMPLES.get(0).getValue());
    return opened.trainer(
        plain.settings().toBuilder()
            .generalText(textOfNoDomain(plain.settings().generalText()))
            .routerPrompts(ROUTER_PROMPTS)
            .disturbedPrompts(false) // the grammars make slips and missing words of their own
            .build());
  }

  /** What is none of the kinds of work, of our own and of the library's. */
  private List<List<String>> textOfNoDomain(List<List<String>> general) {
    List<String> own =
        GeneratedDomains.none().generate(NONE_TEXTS, 1, training.seed()).train().stream()
            .map(example -> example.prompt().get(0).content())
            .toList();
    return Stream.concat(Stream.of(own), general.stream()).toList();
  }

  /** The embedded base has to learn to copy, and to answer in forms, before any kind of work. */
  private Optional<LoraAdapter> start(BaseModel model, MixtureTrainer trainer) {
    return isEmbedded()
        ? EmbeddedBase.start(output.resolve("start"), model.config(), trainer.settings().adapter())
        : Optional.empty();
  }

  private List<Domain> generate() {
    return EXAMPLES.stream().map(entry -> generate(entry.getKey(), entry.getValue())).toList();
  }

  private Domain generate(String name, int examples) {
    return GeneratedDomains.all().stream()
        .filter(domain -> domain.name().equals(name))
        .findFirst()
        .orElseThrow()
        .toDomain(examples + SELECTION_EXAMPLES, HELD_OUT, training.seed());
  }
}
