package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.trust.AskedForm;
import io.github.moa4j.examples.study.trust.AskedPart;
import io.github.moa4j.examples.study.trust.ForeignText;
import io.github.moa4j.examples.study.trust.ServedMixture;
import io.github.moa4j.examples.study.trust.TrainedDomains;
import io.github.moa4j.examples.study.trust.TrustTables;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.robustness.GeneralText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how far a mixture's routing can be trusted, on the way that every question takes. */
@Command(
    name = "RoutingTrust",
    mixinStandardHelpOptions = true,
    description = {
      "Trains the routers of a mixture as MixtureTrainer does, with adapters that have hardly learnt"
          + " anything, and asks it the domains' validation prompts in many forms, texts of no"
          + " domain, and the prompts of each domain that it has forgotten.",
      "Right is a prompt whose own domain answers; an abstention is not. Forced is the share whose"
          + " own domain is the most probable one. What text is of no domain is for the reader to"
          + " judge, file by file."
    })
public final class RoutingTrust implements Callable<Integer> {

  private static final int SNIPPETS = 150; // of a file

  @Option(names = "--data", required = true, description = "A folder of domains' folders.")
  private Path data;

  @Option(names = "--texts", required = true, description = "A folder of text of no domain.")
  private Path texts;

  @Option(
      names = "--general",
      description = "Text to learn from instead of what comes along, the default.")
  private Path general;

  @Option(
      names = "--router",
      defaultValue = "RIDGE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private RouterKind router;

  @Option(
      names = "--prompts",
      defaultValue = "500",
      description = "To learn from, of a domain. Default: 500.")
  private int prompts;

  @Option(
      names = "--validation",
      defaultValue = "200",
      description = "To measure on at once, of a domain. Default: 200.")
  private int validation;

  @Option(
      names = "--skip",
      split = ",",
      defaultValue = "0",
      description = {
        "Prompts of a domain to leave out before those to measure on; several numbers measure on"
            + " several parts, each with tables of its own. Default: 0."
      })
  private List<Integer> skip;

  @Option(
      names = "--forgotten",
      split = ",",
      description = "Domains to leave out, one by one. Default: none.")
  private List<String> forgotten = List.of();

  @Option(
      names = "--training-slice",
      description = {
        "Measures on the training examples behind those that are learnt, to choose by; routers know"
            + " no token of these."
      })
  private boolean trainingSlice;

  @Option(
      names = "--trained",
      description = {
        "A folder for what was trained, taken from there where it is: for further runs on the same"
            + " data, prompts and slice. Default: none."
      })
  private Path kept;

  @Option(
      names = "--tables",
      split = ",",
      defaultValue = "FORMS,FOREIGN",
      description = "${COMPLETION-CANDIDATES}, beside that of --forgotten. Default: both.")
  private Set<Table> tables;

  @Option(
      names = "--forms",
      split = ",",
      description = "Of the prompts, by their names in the table. Default: all.")
  private Set<String> forms = Set.of();

  @Option(
      names = "--all-states",
      description = "Tells, too, what is decided otherwise where no prompt is decided early.")
  private boolean allStates;

  @Spec private CommandSpec spec;

  /** What is measured of the whole mixture. */
  private enum Table {
    FORMS,
    FOREIGN
  }

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new RoutingTrust(), args));
  }

  @Override
  public Integer call() throws IOException {
    List<Domain> domains = domains();
    List<AskedPart> parts = skip.stream().map(from -> part(domains, from)).toList();
    List<AskedForm> asked = AskedForm.of(forms);
    List<ForeignText> foreign = ForeignText.read(texts, SNIPPETS);
    try (TemporaryFolder temporary = TemporaryFolder.create("routing-trust");
        OpenBase base = OpenBase.load(Optional.empty(), WeightFormat.F32)) {
      MixtureTrainer trainer = new MixtureTrainer(base.model(), base.prompts(), settings());
      MixtureDirectory mixture =
          MixtureDirectory.create(
              temporary.path().resolve("mixture"),
              base.model().fingerprint(),
              base.model().directory().toAbsolutePath().toString());
      Map<String, TrainedDomain> trained =
          TrainedDomains.of(
              domains.stream().map(this::learnt).toList(),
              trainer,
              base.model(),
              kept == null ? temporary.path().resolve("trained") : kept);
      trained.values().forEach(domain -> trainer.store(mixture, domain));
      trainer.trainRouters(mixture, List.copyOf(trained.values()));
      TrustTables print = new TrustTables(spec.commandLine().getOut(), allStates);
      try (ServedMixture serving = ServedMixture.open(mixture, router)) {
        if (tables.contains(Table.FORMS)) {
          parts.forEach(part -> print.forms(serving, part, asked));
        }
        if (tables.contains(Table.FOREIGN)) {
          parts.forEach(part -> print.pasted(serving, part, foreign));
          print.strangers(serving, foreign);
        }
      }
      for (String name : forgotten) {
        trainer.remove(mixture, name);
        try (ServedMixture serving = ServedMixture.open(mixture, router)) {
          parts.forEach(part -> print.unknown(serving, part, name));
        }
        trainer.store(mixture, trained.get(name)); // the next routers know it by its statistics
      }
      return 0;
    }
  }

  private AskedPart part(List<Domain> domains, int from) {
    return AskedPart.of(domains, this::measurable, from, validation);
  }

  private List<Example> measurable(Domain domain) {
    return trainingSlice
        ? domain.train().subList(Math.min(prompts, domain.train().size()), domain.train().size())
        : domain.validation();
  }

  /** All training examples, but for those that are to choose by. */
  private Domain learnt(Domain domain) {
    if (!trainingSlice) {
      return domain;
    }
    int end = prompts + Collections.max(skip) + validation;
    List<Example> all = domain.train();
    List<Example> learnt = new ArrayList<>(all.subList(0, Math.min(prompts, all.size())));
    learnt.addAll(all.subList(Math.min(end, all.size()), all.size()));
    return new Domain(domain.name(), learnt, domain.validation(), domain.sources());
  }

  private MixtureTrainingSettings settings() {
    MixtureTrainingSettings.Builder settings =
        MixtureTrainingSettings.of(
                TrainingOptions.of(LoraConfig.of(1, 2, Set.of(TargetModule.Q_PROJ))).withEpochs(1))
            .toBuilder()
            .trainingExamples(16)
            .selectionExamples(4)
            .routerPrompts(prompts);
    return general == null
        ? settings.build()
        : settings.generalText(GeneralText.read(general, 2000)).build();
  }

  private List<Domain> domains() throws IOException {
    try (Stream<Path> folders = Files.list(data)) {
      return folders.filter(Files::isDirectory).sorted().map(Domain::read).toList();
    }
  }
}
