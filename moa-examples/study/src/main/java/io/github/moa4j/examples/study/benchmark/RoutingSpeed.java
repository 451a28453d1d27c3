package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.examples.study.measurement.Samples;
import io.github.moa4j.examples.study.process.Measurements;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.RandomQuestions;
import io.github.moa4j.examples.study.synthetic.SyntheticMixture;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Time to the first token of questions to a mixture, when asked. */
public final class RoutingSpeed {

  /** Seconds to the first token of the answer to a prompt of 256 tokens. */
  static final String FIRST_TOKEN = "firstToken";

  /** Seconds to the first token behind 1,000 tokens of conversation that nobody has seen. */
  static final String NEW_CONVERSATION = "newConversation";

  /** Seconds to the first token of the next question in the same conversation. */
  static final String NEXT_QUESTION = "nextQuestion";

  private static final int DOMAINS = 8;

  /** Every mode answers with its adapter, so that they differ in the routing alone. */
  private static final String DOMAIN = SyntheticMixture.domains(DOMAINS).get(0);

  private static final int PROMPT = 256;
  private static final int CONVERSATION = 1000;
  private static final int QUESTIONS = 4;
  private static final long PREFIX_BYTES = 1L << 30;

  /** How the domain of a question is found. */
  enum Mode {
    /** The caller names it. */
    NAMED,
    /** The router reads all states of the base's pass. */
    ROUTED,
    /** The router reads the first eighth of the states. */
    EARLY_EXIT,
    /** The router reads the first state, before any layer. */
    WITHOUT_LAYERS,
    /** The caller names it, and its adapter applies to the answer only. */
    NAMED_ACTIVATED,
    /** The router reads all states, and adapters apply to the answer only. */
    ROUTED_ACTIVATED;

    boolean activated() {
      return this == NAMED_ACTIVATED || this == ROUTED_ACTIVATED;
    }

    boolean named() {
      return this == NAMED || this == NAMED_ACTIVATED;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private final MixtureOfLoras mixture;
  private final Mode mode;
  private final RandomQuestions questions;
  private Conversation conversation = Conversation.of(ChatMessage.user(""));

  private RoutingSpeed(MixtureOfLoras mixture, Mode mode) {
    this.mixture = mixture;
    this.mode = mode;
    this.questions = new RandomQuestions(mixture, 1);
  }

  /** Arguments: checkpoint directory with a tokenizer, format, mode. */
  public static void main(String[] args) throws IOException {
    Path base = Path.of(args[0]);
    Mode mode = Mode.valueOf(args[2]);
    try (TemporaryFolder temporary = TemporaryFolder.create("benchmark")) {
      Path folder = temporary.path();
      SyntheticMixture synthetic = SyntheticMixture.of(base, mode.activated());
      synthetic.write(folder.resolve("mixture"), DOMAINS);
      MixtureBuilder builder =
          MixtureOfLoras.builder(folder.resolve("mixture"))
              .weightFormat(WeightFormat.valueOf(args[1]))
              .router(synthetic.routerToTheFirst(DOMAINS));
      builder.prefixMemoryBudget(PREFIX_BYTES);
      if (mode == Mode.WITHOUT_LAYERS) {
        builder.routingStates(1);
      } else if (mode == Mode.EARLY_EXIT) {
        builder.routingStates(Math.max(1, synthetic.routerToTheFirst(DOMAINS).states().size() / 8));
      }
      try (MixtureOfLoras mixture = builder.open()) {
        RoutingSpeed speed = new RoutingSpeed(mixture, mode);
        new Measurements()
            .with(FIRST_TOKEN, speed::firstToken)
            .with(NEW_CONVERSATION, speed::newConversation)
            .with(NEXT_QUESTION, speed::nextQuestion)
            .answer();
      }
    }
  }

  private double firstToken() {
    Samples seconds = new Samples();
    for (int i = 0; i < QUESTIONS; i++) {
      seconds.add(ask(Conversation.of(ChatMessage.user(questions.text(PROMPT)))));
    }
    return seconds.median();
  }

  private double newConversation() {
    conversation = Conversation.of(ChatMessage.user(questions.text(CONVERSATION)));
    return ask(conversation);
  }

  private double nextQuestion() {
    List<ChatMessage> messages =
        List.of(
            conversation.messages().get(0),
            ChatMessage.assistant(questions.text(1)),
            ChatMessage.user(questions.text(1)));
    return ask(Conversation.of(messages));
  }

  private double ask(Conversation asked) {
    Question question = Question.of(asked).with(GenerationOptions.greedy(1));
    long start = System.nanoTime();
    mixture.generate(mode.named() ? question.inDomain(DOMAIN) : question);
    return (System.nanoTime() - start) / 1e9;
  }
}
