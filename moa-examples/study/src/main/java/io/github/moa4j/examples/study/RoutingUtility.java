package io.github.moa4j.examples.study;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.examples.arguments.MixtureBaseArgument;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.utility.CrossLoss;
import io.github.moa4j.examples.study.utility.UtilityComparison;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.Perplexity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares routers that learn which adapter answers best with routers that learn the domain. */
@Command(
    name = "RoutingUtility",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what the answers to a mixture's domains cost under every one of its adapters and"
          + " under the base alone, lets routers learn from that, and compares what their choices"
          + " cost with those of a router that learns the domains.",
      "The examples that routers learn from lie behind those that the adapters have learnt."
    })
public final class RoutingUtility implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();
  @Mixin private final MixtureBaseArgument base = new MixtureBaseArgument();

  @Option(names = "--data", required = true, description = "A folder with a folder a domain.")
  private Path data;

  @Option(
      names = "--losses",
      required = true,
      description = "A JSON file of the losses: read if it exists, else measured and written.")
  private Path losses;

  @Option(
      names = "--learnt",
      defaultValue = "364",
      description = "Training examples of a domain that made its adapter. Default: 364.")
  private int learnt;

  @Option(
      names = "--prompts",
      defaultValue = "100",
      description = "Those behind, for routers to learn from. Default: 100.")
  private int prompts;

  @Option(
      names = "--validation",
      defaultValue = "50",
      description = "Validation examples of a domain to measure on. Default: 50.")
  private int validation;

  @Option(
      names = "--max-answer-tokens",
      defaultValue = "128",
      description = "Of an answer that count. Default: 128.")
  private int maxAnswerTokens;

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new RoutingUtility(), args));
  }

  @Override
  public Integer call() {
    MixtureDirectory directory = mixture.open();
    try (OpenBase opened = OpenBase.of(directory, base.directory(), precision.weightFormat())) {
      Evaluator evaluator =
          new Evaluator(opened.model(), new ExampleEncoder(opened.prompts(), 384, maxAnswerTokens));
      Map<String, Domain> domains = new LinkedHashMap<>();
      for (String name : directory.state().domains().keySet()) {
        domains.put(name, Domain.read(data.resolve(name)));
      }
      if (!Files.exists(losses)) {
        CrossLoss.write(measure(directory, opened, evaluator, domains), losses);
      }
      List<CrossLoss> measured = CrossLoss.read(losses);
      List<Example> asked =
          measured.stream().map(loss -> example(domains.get(loss.domain()), loss)).toList();
      List<PromptStates> states = evaluator.states(asked);
      UtilityComparison comparison = new UtilityComparison(List.copyOf(domains.keySet()));
      for (int i = 0; i < asked.size(); i++) {
        comparison.add(measured.get(i), states.get(i));
      }
      comparison.print(spec.commandLine().getOut());
      return 0;
    }
  }

  private static Example example(Domain domain, CrossLoss loss) {
    return (loss.learnt() ? domain.train() : domain.validation()).get(loss.index());
  }

  private List<CrossLoss> measure(
      MixtureDirectory directory,
      OpenBase opened,
      Evaluator evaluator,
      Map<String, Domain> domains) {
    Map<String, AppliedLora> adapters = new LinkedHashMap<>();
    try {
      for (String name : domains.keySet()) {
        adapters.put(name, opened.model().load(PeftFormat.read(directory.adapterDirectory(name))));
      }
      Map<String, AdapterChoice> choices = new LinkedHashMap<>();
      choices.put(CrossLoss.BASE, AdapterChoice.base());
      adapters.forEach((name, adapter) -> choices.put(name, AdapterChoice.of(adapter)));
      List<CrossLoss> all = new ArrayList<>();
      for (Domain domain : domains.values()) {
        List<Example> train = domain.train();
        int from = Math.min(learnt, train.size());
        int end = Math.min(learnt + prompts, train.size());
        all.addAll(losses(evaluator, choices, domain, train.subList(from, end), from, true));
        List<Example> held = domain.validation();
        end = Math.min(validation, held.size());
        all.addAll(losses(evaluator, choices, domain, held.subList(0, end), 0, false));
      }
      return all;
    } finally {
      adapters.values().forEach(AppliedLora::close);
    }
  }

  private static List<CrossLoss> losses(
      Evaluator evaluator,
      Map<String, AdapterChoice> choices,
      Domain domain,
      List<Example> examples,
      int from,
      boolean learnt) {
    List<Map<String, Double>> sums = new ArrayList<>();
    long[] tokens = new long[examples.size()];
    choices.forEach(
        (name, choice) -> {
          List<Perplexity> found =
              evaluator.perplexities(examples, Collections.nCopies(examples.size(), choice));
          for (int i = 0; i < found.size(); i++) {
            if (sums.size() == i) {
              sums.add(new LinkedHashMap<>());
            }
            sums.get(i).put(name, found.get(i).negativeLogLikelihood());
            tokens[i] = found.get(i).tokens();
          }
        });
    List<CrossLoss> losses = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      losses.add(new CrossLoss(domain.name(), from + i, learnt, tokens[i], sums.get(i)));
    }
    return losses;
  }
}
