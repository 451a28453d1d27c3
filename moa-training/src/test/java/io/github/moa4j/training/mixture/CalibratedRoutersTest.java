package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.Abstention;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture of two domains of forty prompts each, trained, stored and opened. */
final class CalibratedRoutersTest {

  private static final Path BASE =
      Path.of("../moa-examples/src/main/resources/io/github/moa4j/examples/base");
  private static final String GENERAL = "none_of_these.safetensors";
  private static final List<String> NOUNS =
      List.of("orders", "invoices", "clients", "parcels", "drivers", "rooms", "courses");
  private static final List<String> WORDS =
      List.of("biggest", "oldest", "newest", "cheapest", "largest", "smallest");

  @TempDir private static Path folder;
  private static StoredRouters trained;

  @BeforeAll
  static void train() {
    try (BaseModel base = BaseModel.load(BASE, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      LoraConfig lora = LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ));
      MixtureTrainer trainer =
          new MixtureTrainer(
              base,
              new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of()),
              MixtureTrainingSettings.of(TrainingOptions.of(lora).withEpochs(1)).toBuilder()
                  .maxPromptTokens(64)
                  .maxAnswerTokens(8)
                  .trainingExamples(8)
                  .selectionExamples(2)
                  .routerPrompts(36)
                  .build());
      MixtureDirectory mixture =
          MixtureDirectory.create(folder, base.fingerprint(), BASE.toAbsolutePath().toString());
      List<TrainedDomain> domains =
          List.of(trainer.train(domain("sql")), trainer.train(domain("shell")));
      domains.forEach(domain -> trainer.store(mixture, domain));
      trainer.trainRouters(mixture, domains);
      forgetTokensOfGeneralText(mixture);
      trained = trainer.trainRouters(mixture, domains);
    }
  }

  /** Leaves what a mixture of an earlier version has learnt of text of no domain. */
  private static void forgetTokensOfGeneralText(MixtureDirectory mixture) {
    MixtureState state = mixture.state();
    Path old = state.routerDirectory().orElseThrow();
    String base = state.baseFingerprint();
    LayerwiseRouter layerwise = StoredRouters.readLayerwise(old, base);
    RidgeRouter ridge = (RidgeRouter) StoredRouters.read(old, RouterKind.RIDGE, base);
    mixture.commit(
        change ->
            change.setRouter(
                target -> {
                  new StoredRouters(layerwise, ridge).write(target, base);
                  try (SafetensorsFile source = SafetensorsFile.open(old.resolve(GENERAL))) {
                    Map<String, HostTensor> ofStates = new LinkedHashMap<>();
                    source.names().stream()
                        .filter(name -> !name.startsWith("tokens."))
                        .forEach(name -> ofStates.put(name, source.tensor(name)));
                    SafetensorsWriter.write(target.resolve(GENERAL), ofStates, source.metadata());
                  }
                }));
    assertThat(MixtureRouters.general(mixture, mixture.state()).orElseThrow().kinds())
        .allMatch(kind -> kind.gramCounts().length == 0);
  }

  @AfterAll
  static void forget() {
    trained = null;
  }

  @Test
  void theStoredThresholdsAreTheCalibratedOnes() {
    MixtureState state = MixtureDirectory.open(folder).state();
    Path routers = state.routerDirectory().orElseThrow();
    RidgeRouter ridge =
        (RidgeRouter) StoredRouters.read(routers, RouterKind.RIDGE, state.baseFingerprint());
    assertThat(ridge.settings().abstentionThreshold())
        .isEqualTo(trained.ridge().settings().abstentionThreshold())
        .isBetween(0.2, 0.9);
    assertThat(ridge.abstentionThresholds())
        .isEqualTo(trained.ridge().abstentionThresholds())
        .isNotEmpty()
        .allSatisfy((domain, threshold) -> assertThat(threshold).isBetween(0.2, 0.9));
    assertThat(StoredRouters.readLayerwise(routers, state.baseFingerprint()).abstentionThreshold())
        .isEqualTo(trained.layerwise().abstentionThreshold())
        .isBetween(0.2, 0.9);
  }

  @Test
  void tokensAreCountedOfAllPrompts() {
    MixtureDirectory mixture = MixtureDirectory.open(folder);
    for (DomainStatistics domain : MixtureRouters.statistics(mixture, mixture.state())) {
      int counted = IntStream.of(domain.gramCounts()).max().orElseThrow(); // the last token's
      // the four prompts behind those that are learnt, in one to four forms, and all forty once
      // more in capitals but those of which one form in eight is held out
      long inCapitals = 40 - (domain.count() / 7 + 1);
      assertThat((long) counted)
          .isBetween(domain.count() + 4 + inCapitals, domain.count() + 4 * 4 + 40);
    }
  }

  @Test
  void promptsAreToldFromTextOfNoDomain() {
    MixtureDirectory mixture = MixtureDirectory.open(folder);
    assertThat(MixtureRouters.statistics(mixture, mixture.state()))
        .allMatch(domain -> domain.regression().isPresent());
    assertThat(MixtureRouters.general(mixture, mixture.state()).orElseThrow().kinds())
        .allMatch(kind -> kind.regression().isEmpty());
    assertThat(trained.ridge().tokens().orElseThrow().regressions())
        .filteredOn(Optional::isPresent)
        .hasSize(2);
  }

  @Test
  void textOfNoDomainIsReadAgainWhereItsTokensAreNotKnown() {
    assertThat(trained.ridge().tokens()).isPresent();
  }

  @Test
  void unseenPromptsOfTheDomainsAreAnswered() {
    for (RouterKind kind : RouterKind.values()) {
      try (MixtureOfLoras mixture = MixtureOfLoras.builder(folder).router(kind).open()) {
        for (String name : List.of("sql", "shell")) {
          List<String> unseen = prompts(name).subList(40, 60);
          long answered =
              unseen.stream()
                  .filter(text -> mixture.route(Question.of(text)).chosen().isPresent())
                  .count();
          assertThat(answered).as("%s, %s", kind, name).isGreaterThanOrEqualTo(19);
        }
      }
    }
  }

  @Test
  void everydayTalkAndBlankInputAreTheBases() {
    for (RouterKind kind : RouterKind.values()) {
      try (MixtureOfLoras mixture = MixtureOfLoras.builder(folder).router(kind).open()) {
        RoutingDecision talk =
            mixture.route(Question.of("Good morning! Did you sleep well last night?"));
        assertThat(talk.abstention()).as("%s", kind).contains(Abstention.NONE_OF_THESE);
        assertThat(talk.probabilities()).containsKey(RouterDomains.NONE_OF_THESE);
        assertThat(mixture.route(Question.of(" \n\t")).abstention()).contains(Abstention.BLANK);
      }
    }
  }

  @Test
  void theUsersThresholdWins() {
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(folder).abstentionThreshold(1).open()) {
      assertThat(mixture.route(Question.of(prompts("sql").get(41))).chosen()).isEmpty();
    }
  }

  private static Domain domain(String name) {
    List<Example> examples =
        prompts(name).subList(0, 40).stream().map(text -> Example.of(text, "done")).toList();
    return new Domain(name, examples, List.of(), List.of());
  }

  /** Sixty prompts, all different. */
  private static List<String> prompts(String name) {
    return IntStream.range(0, 60)
        .mapToObj(
            i -> {
              String noun = NOUNS.get(i % NOUNS.size());
              String word = WORDS.get(i % WORDS.size());
              return name.equals("sql")
                  ? "Select the " + (i + 2) + " " + word + " rows from the table " + noun + "."
                  : "Delete the " + (i + 2) + " " + word + " files in the folder " + noun + "/.";
            })
        .toList();
  }
}
