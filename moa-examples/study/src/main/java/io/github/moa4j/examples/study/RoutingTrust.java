package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.robustness.GeneralText;
import io.github.moa4j.training.robustness.PromptForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
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
      "Right is a prompt whose own domain answers; an abstention is not. What text is of no domain"
          + " is for the reader to judge, file by file."
    })
public final class RoutingTrust implements Callable<Integer> {

  private static final List<String> ODD =
      List.of("hi", "asdfgh", "qwertz uiop", "ok", "1234", "Tell me a joke.", "I feel sad", "foo");
  private static final int FOREIGN_WORDS = 200;
  private static final int TEXTS = 150; // of a file
  private static final int WITH_FOREIGN_TEXT = 6; // prompts of a domain, each with every file
  private static final int LONGEST = 1200; // characters of these, as the base's context is short

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
      description = "To measure on, of a domain. Default: 200.")
  private int validation;

  @Option(
      names = "--forgotten",
      split = ",",
      description = "Domains to leave out, one by one. Default: none.")
  private List<String> forgotten = List.of();

  @Option(names = "--training-slice", description = "Measures on training examples, to choose by.")
  private boolean trainingSlice;

  @Spec private CommandSpec spec;

  private final Map<String, List<Example>> asked = new LinkedHashMap<>();
  private int states; // that the router reads where nothing ends it early

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new RoutingTrust(), args));
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder temporary = TemporaryFolder.create("routing-trust");
        OpenBase base = OpenBase.load(Optional.empty(), WeightFormat.F32)) {
      MixtureTrainer trainer = new MixtureTrainer(base.model(), base.prompts(), settings());
      MixtureDirectory mixture =
          MixtureDirectory.create(
              temporary.path().resolve("mixture"),
              base.model().fingerprint(),
              base.model().directory().toAbsolutePath().toString());
      Map<String, TrainedDomain> trained = new LinkedHashMap<>();
      for (Domain domain : domains()) {
        asked.put(domain.name(), slice(domain));
        trained.put(domain.name(), trainer.train(learnt(domain)));
        trainer.store(mixture, trained.get(domain.name()));
      }
      trainer.trainRouters(mixture, List.copyOf(trained.values()));
      try (MixtureOfLoras serving = open(mixture);
          MixtureOfLoras whole = openWithoutEarlyExit(mixture)) {
        forms(serving, whole);
        foreignText(serving);
        strangers(serving);
      }
      for (String name : forgotten) {
        trainer.remove(mixture, name);
        try (MixtureOfLoras serving = open(mixture);
            MixtureOfLoras whole = openWithoutEarlyExit(mixture)) {
          unknown(serving, whole, name);
        }
        trainer.store(mixture, trained.get(name)); // the next routers know it by its statistics
      }
      return 0;
    }
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

  /** All training examples, but for those that are to choose by. */
  private Domain learnt(Domain domain) {
    return trainingSlice ? domain.firstTrainingExamples(prompts) : domain;
  }

  private List<Example> slice(Domain domain) {
    List<Example> from = domain.validation();
    if (trainingSlice) {
      from =
          domain.train().subList(Math.min(prompts, domain.train().size()), domain.train().size());
    }
    return from.subList(0, Math.min(validation, from.size()));
  }

  private MixtureOfLoras open(MixtureDirectory mixture) {
    return MixtureOfLoras.builder(mixture.directory()).router(router).open();
  }

  /** Reads all states of every prompt. */
  private MixtureOfLoras openWithoutEarlyExit(MixtureDirectory mixture) {
    MixtureState state = mixture.state();
    Path routers = state.routerDirectory().orElseThrow();
    states = StoredRouters.read(routers, router, state.baseFingerprint()).states().size();
    return MixtureOfLoras.builder(mixture.directory()).router(router).routingStates(states).open();
  }

  private void forms(MixtureOfLoras mixture, MixtureOfLoras whole) {
    print("form", "right", "answered", "right of those answered", "decided early");
    for (PromptForm form : PromptForm.values()) {
      form(mixture, form.title(), asked, example -> form.of(example, 1));
      form(whole, form.title() + ", all states", asked, example -> form.of(example, 1));
    }
  }

  private void foreignText(MixtureOfLoras mixture) throws IOException {
    Map<String, List<Example>> few = new LinkedHashMap<>();
    asked.forEach(
        (domain, all) ->
            few.put(
                domain,
                all.stream()
                    .filter(example -> example.question().length() <= LONGEST)
                    .limit(WITH_FOREIGN_TEXT)
                    .toList()));
    for (Path file : textFiles()) {
      List<String> words = List.of(Files.readString(file).strip().split("\\s+", -1));
      String name = file.getFileName().toString();
      form(
          mixture,
          name + " behind",
          few,
          e -> e.withQuestion(e.question() + "\n" + piece(words, e)));
      form(
          mixture,
          name + " before",
          few,
          e -> e.withQuestion(piece(words, e) + "\n" + e.question()));
    }
  }

  private List<Path> textFiles() throws IOException {
    try (Stream<Path> files = Files.list(texts)) {
      return files.filter(path -> path.toString().endsWith(".txt")).sorted().toList();
    }
  }

  private static String piece(List<String> words, Example of) {
    int from = Math.floorMod(31 * of.question().hashCode(), words.size() - FOREIGN_WORDS);
    return String.join(" ", words.subList(from, from + FOREIGN_WORDS));
  }

  private void form(
      MixtureOfLoras mixture,
      String title,
      Map<String, List<Example>> questions,
      UnaryOperator<Example> change) {
    int all = 0;
    int early = 0;
    int right = 0;
    int answered = 0;
    for (Map.Entry<String, List<Example>> domain : questions.entrySet()) {
      for (Example example : domain.getValue()) {
        RoutingDecision decision = route(mixture, change.apply(example).question());
        all++;
        right += decision.chosen().equals(Optional.of(domain.getKey())) ? 1 : 0;
        answered += decision.chosen().isPresent() ? 1 : 0;
        early += isEarly(decision) ? 1 : 0;
      }
    }
    print(
        title,
        share(right, all),
        share(answered, all),
        share(right, Math.max(1, answered)),
        share(early, all));
  }

  private boolean isEarly(RoutingDecision decision) {
    return decision.chosen().isPresent() && decision.statesRead().size() < states;
  }

  private void strangers(MixtureOfLoras mixture) throws IOException {
    print("texts of no domain", "falsely accepted");
    stranger(mixture, "small talk and keys", ODD);
    List<Path> files = textFiles();
    List<List<String>> snippets = GeneralText.read(texts, TEXTS * files.size());
    for (int i = 0; i < snippets.size(); i++) {
      stranger(mixture, "snippets of " + files.get(i).getFileName(), snippets.get(i));
    }
  }

  private void stranger(MixtureOfLoras mixture, String title, List<String> strangers) {
    print(title, accepted(strangers.stream().map(text -> route(mixture, text)).toList()));
  }

  private void unknown(MixtureOfLoras mixture, MixtureOfLoras whole, String name) {
    List<RoutingDecision> unknown = decisions(mixture, Set.of(name));
    Set<String> others = new HashSet<>(asked.keySet());
    others.remove(name);
    List<RoutingDecision> known = decisions(mixture, others);
    double above = 0;
    for (RoutingDecision stranger : unknown) {
      for (RoutingDecision one : known) {
        double difference = one.confidence() - stranger.confidence();
        above += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
      }
    }
    print(
        "without " + name,
        "AUROC " + share(above / unknown.size(), known.size()),
        "falsely accepted " + accepted(unknown),
        "of all states " + accepted(decisions(whole, Set.of(name))),
        "others answered " + accepted(known));
  }

  private List<RoutingDecision> decisions(MixtureOfLoras mixture, Set<String> domains) {
    return asked.entrySet().stream()
        .filter(domain -> domains.contains(domain.getKey()))
        .flatMap(domain -> domain.getValue().stream())
        .map(example -> route(mixture, example.question()))
        .toList();
  }

  private static String accepted(List<RoutingDecision> decisions) {
    long accepted = decisions.stream().filter(decision -> decision.chosen().isPresent()).count();
    return share((double) accepted, decisions.size());
  }

  private static RoutingDecision route(MixtureOfLoras mixture, String text) {
    return mixture.route(Question.of(text));
  }

  private static String share(double count, long all) {
    return String.format(Locale.ROOT, "%.3f", count / all);
  }

  private void print(String... cells) {
    spec.commandLine().getOut().println("| " + String.join(" | ", cells) + " |");
    spec.commandLine().getOut().flush();
  }
}
