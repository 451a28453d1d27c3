package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.GenerationArguments;
import io.github.moa4j.examples.arguments.InputLines;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.examples.arguments.MixtureBaseArgument;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.router.Abstention;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a mixture: the answer as it is generated, and which domain gave it. */
@Command(
    name = "Ask",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Asks a mixture. The router reads each question and picks the adapter that answers.")
public final class Ask implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();

  @Mixin private final MixtureBaseArgument base = new MixtureBaseArgument();

  @Option(
      names = "--domain",
      description = "The domain that answers. Default: the router's choice.")
  private Optional<String> domain = Optional.empty();

  @Option(
      names = "--router",
      defaultValue = "RIDGE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private RouterKind router = RouterKind.RIDGE;

  @Option(
      names = "--threshold",
      description = "Below this confidence, 0 to 1, the base answers alone. Default: the router's.")
  private Optional<Double> threshold = Optional.empty();

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Mixin private final GenerationArguments generation = new GenerationArguments();

  @Parameters(
      paramLabel = "QUESTION",
      arity = "0..*",
      description =
          "The question. Without one, each line of the input is one, up to an empty line.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--no-history",
      description =
          "Each line of the input is a question of its own. Default: they are one conversation, which"
              + " the line /new begins anew.")
  private boolean noHistory;

  @Option(
      names = "--no-base",
      description =
          "Where no domain answers, leave it at that. Default: the base answers alone, which only"
              + " helps if it can answer.")
  private boolean noBase;

  private final List<ChatMessage> history = new ArrayList<>();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Ask(), args));
  }

  @Override
  public Integer call() {
    GenerationOptions options = generation.options();
    MixtureDirectory directory = mixture.open();
    domain.ifPresent(name -> directory.state().domain(name));
    MixtureBuilder builder =
        MixtureOfLoras.builder(directory.directory())
            .encryption(mixture.encryption())
            .weightFormat(precision.weightFormat())
            .router(router);
    base.directory().ifPresent(builder::base);
    threshold.ifPresent(value -> Commands.valid(() -> builder.abstentionThreshold(value)));
    try (MixtureOfLoras opened = builder.open()) {
      if (words.isEmpty()) {
        return answerLines(opened, options);
      }
      answer(opened, question(String.join(" ", words), options));
      return 0;
    }
  }

  private Question question(String text, GenerationOptions options) {
    List<ChatMessage> messages = new ArrayList<>(history);
    messages.add(ChatMessage.user(text));
    Question question = Question.of(Conversation.of(messages)).with(options);
    return domain.map(question::inDomain).orElse(question);
  }

  /** Answers line by line; a question that cannot be answered does not end the program. */
  private int answerLines(MixtureOfLoras opened, GenerationOptions options) {
    int exitCode = 0;
    InputLines lines = new InputLines(out());
    for (String line = lines.next(); !line.isBlank(); line = lines.next()) {
      if (line.strip().equals("/new")) {
        history.clear();
        continue;
      }
      try {
        String answer = answer(opened, question(line, options));
        if (!noHistory && !answer.isEmpty()) {
          history.add(ChatMessage.user(line));
          history.add(ChatMessage.assistant(answer));
        }
      } catch (MoaException e) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("Error: " + e.getMessage());
        err.flush();
        exitCode = 1;
      }
    }
    return exitCode;
  }

  /** Prints the answer as it comes, and returns it; empty if none was wanted of the base. */
  private String answer(MixtureOfLoras opened, Question question) {
    PrintWriter out = out();
    try (AnswerStream stream = opened.stream(question)) {
      RoutingDecision decision = stream.decision();
      if (decision.abstention().isPresent()) {
        out.print(inWords(decision.abstention().get()) + nearest(decision) + ".");
        out.println(noBase ? "" : " What the base says by itself:");
        if (noBase) {
          stream.cancel();
          return "";
        }
      }
      while (stream.hasNext()) {
        out.print(stream.next());
        out.flush();
      }
      Answer answer = stream.result();
      out.println();
      out.println(summary(answer));
      out.flush();
      return answer.text();
    }
  }

  /** What somebody should know before they read what the base makes of a question. */
  private static String inWords(Abstention why) {
    return switch (why) {
      case BLANK -> "There is no word in this";
      case NONE_OF_THESE -> "This looks like the work of none of the domains";
      case UNSURE -> "The router is not sure of any domain";
      case NO_DOMAIN -> "The router knows no domain that may answer this";
      case NO_ADAPTER -> "The domain that should answer this is gone";
    };
  }

  private static String why(RoutingDecision decision) {
    return decision
        .abstention()
        .map(why -> "(" + why.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")")
        .orElse("");
  }

  /** Who would have answered otherwise. */
  private static Optional<Map.Entry<String, Double>> second(RoutingDecision decision) {
    return decision.probabilities().entrySet().stream()
        .filter(entry -> !Optional.of(entry.getKey()).equals(decision.chosen()))
        .filter(entry -> !entry.getKey().equals(RouterDomains.NONE_OF_THESE))
        .max(Map.Entry.comparingByValue());
  }

  private static String next(RoutingDecision decision) {
    return second(decision)
        .map(
            entry -> String.format(Locale.ROOT, ", next %s %.3f", entry.getKey(), entry.getValue()))
        .orElse("");
  }

  private static String nearest(RoutingDecision decision) {
    return second(decision)
        .map(
            entry ->
                String.format(
                    Locale.ROOT,
                    "; %s comes nearest, with a probability of %.3f",
                    entry.getKey(),
                    entry.getValue()))
        .orElse("");
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private static String summary(Answer answer) {
    int tokens = answer.generation().tokens().length;
    double decode = answer.generation().decode().toNanos() / 1e9;
    return String.format(
        Locale.ROOT,
        "[domain %s, confidence %.3f%s, %d + %d tokens, routing %d ms, prefill %d ms, %.1f tokens/s]",
        answer.decision().chosen().orElseGet(() -> "none: base " + why(answer.decision())),
        answer.decision().confidence(),
        next(answer.decision()),
        answer.generation().promptTokens(),
        tokens,
        answer.routing().toMillis(),
        answer.generation().prefill().toMillis(),
        decode > 0 ? (tokens - 1) / decode : 0);
  }
}
