package io.github.moa4j.examples.study;

import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.structured.ConstraintOverhead;
import io.github.moa4j.examples.study.structured.SchemaAnswers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Answers in JSON of random schemas, judged by another library. */
@Command(
    name = "StructuredAnswers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draws JSON schemas and prompts, asks a base for answers that are held to them, and lets"
          + " another library's validator judge: an answer that is finished and does not satisfy its"
          + " schema is wrong, and so is a schema that is refused. Exit code 1 if there is one.",
      "Then measures by turns what constraints add to the time of a token."
    })
public final class StructuredAnswers implements Callable<Integer> {

  private static final int AT_ONCE = 16;
  private static final int REPORT = 1000;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "A model directory. Default: the small base that comes with the examples.")
  private Optional<Path> base = Optional.empty();

  @Option(
      names = "--format",
      defaultValue = "F32",
      description = "Weights, of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private WeightFormat format;

  @Option(
      names = "--schemas",
      defaultValue = "10000",
      description = "How many schemas. Default: ${DEFAULT-VALUE}.")
  private int schemas;

  @Option(
      names = "--from",
      defaultValue = "0",
      description = "Seed of the first schema. Default: ${DEFAULT-VALUE}.")
  private int from;

  @Option(
      names = "--max-new-tokens",
      defaultValue = "200",
      description = "Tokens of an answer at most. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--turns",
      defaultValue = "5",
      description = "Turns in which speed is measured; 0 for none. Default: ${DEFAULT-VALUE}.")
  private int turns;

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if an answer or a refusal was wrong. */
  public static void main(String[] args) {
    System.exit(Commands.run(new StructuredAnswers(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenBase opened = OpenBase.load(base, format);
        TextGenerator generator = new TextGenerator(opened.model(), opened.prompts())) {
      boolean right =
          schemas == 0 || ask(new SchemaAnswers(generator, opened.prompts(), maxNewTokens), out);
      if (turns > 0) {
        Conversation hello = Conversation.of(ChatMessage.user("Tell me something."));
        new ConstraintOverhead(generator, opened.prompts().encode(hello), 64).print(out, turns);
      }
      return right ? 0 : 1;
    }
  }

  private boolean ask(SchemaAnswers answers, PrintWriter out) {
    SchemaAnswers.Tally all = new SchemaAnswers.Tally(0, List.of(), List.of(), List.of(), 0);
    int end = from + schemas;
    for (int seed = from; seed < end; seed += AT_ONCE) {
      int next = Math.min(end, seed + AT_ONCE);
      SchemaAnswers.Tally some = answers.ask(seed, next);
      tell(out, "Invalid", some.invalid());
      tell(out, "Unfinished", some.unfinished());
      tell(out, "Refused", some.refused());
      all = all.plus(some);
      if (next == end || next / REPORT != seed / REPORT) {
        out.printf(
            Locale.ROOT,
            "%,d schemas: %,d answers valid, %,d invalid, %,d unfinished, %,d refused; %,d tokens%n",
            next - from,
            all.valid(),
            all.invalid().size(),
            all.unfinished().size(),
            all.refused().size(),
            all.tokens());
        out.flush();
      }
    }
    return all.invalid().isEmpty() && all.refused().isEmpty();
  }

  private static void tell(PrintWriter out, String what, List<String> cases) {
    cases.forEach(one -> out.println(what + ", seed " + one));
    out.flush();
  }
}
