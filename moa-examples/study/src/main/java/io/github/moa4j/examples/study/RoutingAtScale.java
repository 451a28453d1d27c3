package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.scale.ClusteredDomains;
import io.github.moa4j.examples.study.scale.ManyRouted;
import io.github.moa4j.examples.study.scale.SketchAccuracy;
import io.github.moa4j.examples.study.scale.WideStates;
import io.github.moa4j.router.RoutingText;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.robustness.PromptForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures routers of wide states and of many domains. */
@Command(
    name = "RoutingAtScale",
    mixinStandardHelpOptions = true,
    description = {
      "On the small base: how right routers are that read 512, 256, 128, 64 and 32 features of a"
          + " state.",
      "Then what a ridge router of many domains costs in statistics, refit, heap and time, and how"
          + " right it is: domains that are clusters of the prompts, and synthetic ones of hidden"
          + " size 2,048."
    })
public final class RoutingAtScale implements Callable<Integer> {

  private static final List<PromptForm> TRAINED =
      List.of(PromptForm.CLEAN, PromptForm.WITHOUT_INPUT, PromptForm.FIRST_EIGHT_WORDS);

  @Option(names = "--data", description = "A folder of domains; by default only synthetic ones.")
  private Path data;

  @Option(names = "--prompts", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}.")
  private int prompts;

  @Option(names = "--domains", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
  private int domains;

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if it fails, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new RoutingAtScale(), args));
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder temporary = TemporaryFolder.create("routing-at-scale")) {
      ManyRouted many = new ManyRouted(temporary.path(), spec.commandLine().getOut());
      if (data != null) {
        onData(temporary.path(), many);
      }
      WideStates wide = new WideStates(2048);
      many.measure("synthetic of 2,048", domains, wide.states(), wide);
      return 0;
    }
  }

  private void onData(Path folder, ManyRouted many) throws IOException {
    Path base = EmbeddedBase.extractTo(folder.resolve("base"));
    try (BaseModel model = BaseModel.load(base, WeightFormat.BF16);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      PromptEncoder encoder = new PromptEncoder(tokenizer, ChatTemplate.read(base), Map.of());
      Evaluator evaluator = new Evaluator(model, new ExampleEncoder(encoder, 384, 256));
      Map<PromptForm, Map<String, List<PromptStates>>> train = new EnumMap<>(PromptForm.class);
      Map<PromptForm, Map<String, List<PromptStates>>> held = new EnumMap<>(PromptForm.class);
      for (PromptForm form : TRAINED) {
        for (Domain domain : Domains.read(data)) {
          List<Example> first = domain.train().subList(0, Math.min(prompts, domain.train().size()));
          put(train, form, domain.name(), evaluator.states(as(form, first)));
          put(held, form, domain.name(), evaluator.states(as(form, domain.validation())));
        }
      }
      new SketchAccuracy(ClusteredDomains.joined(train), held).print(spec.commandLine().getOut());
      ClusteredDomains clusters =
          ClusteredDomains.of(train.get(PromptForm.CLEAN), domains, prompts);
      many.measure("clusters", clusters.count(), clusters.states(), clusters);
    }
  }

  private static void put(
      Map<PromptForm, Map<String, List<PromptStates>>> all,
      PromptForm form,
      String domain,
      List<PromptStates> states) {
    all.computeIfAbsent(form, unused -> new LinkedHashMap<>()).put(domain, states);
  }

  /** The prompts in a form, as a router reads them. */
  private static List<Example> as(PromptForm form, List<Example> examples) {
    return form.of(examples, 0).stream()
        .map(example -> example.withQuestion(RoutingText.of(example.question())))
        .toList();
  }
}
