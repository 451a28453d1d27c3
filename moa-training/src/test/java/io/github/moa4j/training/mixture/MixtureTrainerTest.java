package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.CutExamples;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MixtureTrainerTest {

  private static final Path BASE =
      Path.of("../moa-examples/src/main/resources/io/github/moa4j/examples/base");
  private static final TrainingListener NO_STEP =
      new TrainingListener() {
        @Override
        public void onStep(TrainingStep step) {
          throw new AssertionError("a step was made before all examples had been looked at");
        }
      };

  private static BaseModel base;
  private static TextTokenizer tokenizer;
  private static PromptEncoder prompts;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    base = BaseModel.load(BASE, WeightFormat.F32);
    tokenizer = TextTokenizer.open(BASE);
    prompts = new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
    base.close();
  }

  @Test
  void namesFileLineAndSettingOfAnExampleThatCannotFit() {
    List<Example> examples = examples(20);
    examples.set(16, Example.of("one ".repeat(900), "two ".repeat(700)));
    Domains.write(folder, List.of(new Domain("numbers", examples, List.of(), List.of())));
    Domain domain = Domain.read(folder.resolve("numbers"));

    assertThatThrownBy(() -> trainer(800, 600).train(domain, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll(
            "numbers/train.jsonl, line 17", "1024", "maxPromptTokens", "maxAnswerTokens");
  }

  @Test
  void refusesAPromptOfTheRoutersThatCannotFitBeforeTheFirstStep() {
    List<Example> examples = examples(20);
    examples.set(19, Example.of("one ".repeat(1500), "two"));
    Domain domain = new Domain("numbers", examples, List.of(), List.of());

    assertThatThrownBy(() -> trainer(1300, 64, 8).train(domain, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("numbers", "tokens", "1300");
  }

  @Test
  void namesTheExampleThatTheChatTemplateRefuses() {
    ChatTemplate strict =
        ChatTemplate.of(
            "{% if messages|length > 2 %}{{ raise_exception('one question only') }}{% endif %}"
                + "{% for message in messages %}{{ message.content }}\n{% endfor %}",
            BASE);
    List<Example> examples = examples(9);
    List<ChatMessage> twoTurns = new ArrayList<>(examples.get(0).conversation());
    twoTurns.add(ChatMessage.user("And then?"));
    examples.set(6, new Example(twoTurns, "8"));
    Domain domain = new Domain("numbers", examples, List.of(), List.of());
    MixtureTrainer trainer =
        new MixtureTrainer(
            base, new PromptEncoder(tokenizer, strict, Map.of()), trainer(64, 64).settings());

    assertThatThrownBy(() -> trainer.train(domain, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("Training example 7 of domain 'numbers'", "one question only");
  }

  @Test
  void refusesANameThatNoMixtureTakesBeforeTheFirstStep() {
    for (String name : List.of("con", "nul", "a".repeat(65))) {
      Domain domain = new Domain(name, examples(8), List.of(), List.of());
      assertThatThrownBy(() -> trainer(64, 64).train(domain, quiet()))
          .as(name)
          .isInstanceOf(MoaException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void namesTheDomainWhoseExamplesAreTooFewOrTooAlike() {
    Domain one = new Domain("numbers", examples(1), List.of(), List.of());
    Domain few = new Domain("numbers", examples(12), List.of(), List.of());
    List<Example> same = List.of(Example.of("q", "a"), Example.of("q", "b"));
    Domain alike = new Domain("numbers", same, List.of(), List.of());
    MixtureTrainer trainer = trainer(64, 64);
    MixtureTrainer ofOne =
        new MixtureTrainer(
            base,
            prompts,
            trainer.settings().toBuilder().trainingExamples(1).selectionExamples(20).build());

    assertThatThrownBy(() -> trainer.train(one, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("'numbers'", "one training example");
    assertThatThrownBy(() -> ofOne.train(few, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("'numbers'", "one training example");
    assertThatThrownBy(() -> trainer.train(alike, quiet()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("'numbers'", "the same prompt");
  }

  @Test
  void refusesAMixtureOfAnotherBase() {
    TrainedDomain trained =
        trainer(48, 32).train(new Domain("numbers", examples(6), List.of(), List.of()));
    MixtureDirectory other =
        MixtureDirectory.create(folder.resolve("other"), "0".repeat(64), BASE.toString());
    Path adapter = folder.resolve("adapter");
    trainer(48, 32).write(trained, adapter);
    List<ThrowingCallable> changes =
        List.of(
            () -> trainer(48, 32).store(other, trained),
            () -> trainer(48, 32).add(other, trained),
            () -> trainer(48, 32).trainRouters(other, List.of(trained)),
            () -> trainer(48, 32).importAdapter(other, "sums", adapter, List.of(), false));

    for (ThrowingCallable change : changes) {
      assertThatThrownBy(change)
          .isInstanceOf(MixtureException.class)
          .hasMessageContainingAll("belongs to the base", base.fingerprint());
    }
    assertThat(MixtureDirectory.open(folder.resolve("other")).state().domains()).isEmpty();
  }

  @Test
  void saysHowManyPromptsAndAnswersWereCut() {
    List<Example> examples = examples(6);
    examples.set(1, Example.of("one ".repeat(80), "two"));
    examples.set(2, Example.of("one ".repeat(80), "two ".repeat(80)));
    Domain domain = new Domain("numbers", examples, List.of(), List.of());

    TrainedDomain trained = trainer(48, 32).train(domain);

    assertThat(trained.cut()).isEqualTo(new CutExamples(6, 2, 1));
    assertThat(trained.cut())
        .hasToString("2 of 6 prompts lost their beginning, 1 answers their end");
    assertThat(trained.provenance().metrics())
        .containsEntry("cut_prompts", 2.0)
        .containsEntry("cut_answers", 1.0);
  }

  @Test
  void aPrivateDomainSaysWhatItPromisesAndShowsNothingElseOfItsExamples() {
    Domain domain = new Domain("numbers", examples(40), List.of(), List.of());
    MixtureTrainer plain = trainer(64, 8);
    MixtureTrainer trainer =
        new MixtureTrainer(
            base,
            prompts,
            plain.settings().toBuilder()
                .adapter(plain.settings().adapter().withPrivacy(PrivacyOptions.within(6, 1e-3)))
                .build());
    MixtureDirectory mixture =
        MixtureDirectory.create(folder, base.fingerprint(), BASE.toAbsolutePath().toString());

    assertThatThrownBy(() -> trainer.train(domain))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("'numbers'", "Give the routers public examples");
    TrainedDomain unrouted = trainer.train(domain, List.of(), TrainingSession.fresh());
    trainer.store(mixture, unrouted);

    assertThatThrownBy(() -> trainer.add(mixture, unrouted)).hasMessageContaining("'numbers'");
    Path adapter = mixture.adapterDirectory("numbers");
    assertThat(adapter.resolve(DomainStatistics.FILE_NAME)).doesNotExist();
    Provenance provenance = Provenance.read(adapter).orElseThrow();
    assertThat(provenance.metrics()).containsOnlyKeys("best_step");
    assertThat(provenance.configuration().get("privacy"))
        .asInstanceOf(MAP)
        .containsEntry("delta", 1e-3)
        .containsEntry("sampling_rate", 0.1)
        .containsEntry("examples_per_record", 1)
        .containsKeys("epsilon", "noise_multiplier", "clip_norm", "steps");

    List<Example> open = List.of(Example.of("What comes behind 1000?", "-"));
    TrainedDomain routed = trainer.train(domain, open, TrainingSession.fresh());
    assertThat(routed.promptStates()).hasSize(1);
  }

  @Test
  void routersForPerLayerAreStoredAsSuchAndServed() {
    List<Domain> domains =
        List.of(
            new Domain("numbers", examples(24), List.of(), List.of()),
            new Domain("animals", animals(24), List.of(), List.of()));
    MixtureTrainer trainer = trainer(64, 8);
    MixtureDirectory mixture =
        MixtureDirectory.create(folder, base.fingerprint(), BASE.toAbsolutePath().toString());
    domains.forEach(domain -> trainer.add(mixture, trainer.train(domain)));
    assertThatThrownBy(() -> trainer.trainPerLayerRouters(mixture, domains.subList(0, 1)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("'animals'");

    assertThat(trainer.trainPerLayerRouters(mixture, domains).layerwise().trainedFor())
        .isEqualTo(RoutingMode.PER_LAYER);

    try (MixtureOfLoras served =
        MixtureOfLoras.builder(folder).routingMode(RoutingMode.PER_LAYER).open()) {
      RoutingDecision decision = served.route(Question.of("What comes behind 17?"));
      assertThat(decision.mostProbable()).isEqualTo("numbers");
      assertThat(decision.votes()).hasSize(base.config().numHiddenLayers());
    }
  }

  private static List<Example> animals(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(Example.of("Name an animal that begins with " + (char) ('a' + i), "ant"));
    }
    return examples;
  }

  private static TrainingSession quiet() {
    return TrainingSession.fresh().withListener(NO_STEP);
  }

  private static List<Example> examples(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(Example.of("What comes behind " + i + "?", "" + (i + 1)));
    }
    return examples;
  }

  private static MixtureTrainer trainer(int maxPromptTokens, int maxAnswerTokens) {
    return trainer(maxPromptTokens, maxAnswerTokens, 0);
  }

  private static MixtureTrainer trainer(
      int maxPromptTokens, int maxAnswerTokens, int trainingExamples) {
    LoraConfig lora = LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ));
    return new MixtureTrainer(
        base,
        prompts,
        MixtureTrainingSettings.of(TrainingOptions.of(lora).withEpochs(1)).toBuilder()
            .maxPromptTokens(maxPromptTokens)
            .maxAnswerTokens(maxAnswerTokens)
            .trainingExamples(trainingExamples)
            .selectionExamples(2)
            .disturbedPrompts(false)
            .build());
  }
}
