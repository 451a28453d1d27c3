package io.github.moa4j.examples.measurement;

import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** A classifier that sees only which words a prompt holds: what a router has to beat. */
public final class BagOfWords {

  private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

  /** Held here, since Java's own logging forgets levels of loggers that nobody holds. */
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  private final Model<Label> model;

  private BagOfWords(Model<Label> model) {
    this.model = model;
  }

  /** Trains on the first prompts of each domain. */
  public static BagOfWords train(List<Domain> domains, int promptsPerDomain) {
    Map<String, List<Example>> prompts = new LinkedHashMap<>();
    domains.forEach(
        domain ->
            prompts.put(domain.name(), domain.firstTrainingExamples(promptsPerDomain).train()));
    return train(prompts);
  }

  /** Trains on the prompts of examples, by the name of their domain. */
  public static BagOfWords train(Map<String, List<Example>> prompts) {
    TRIBUO.setLevel(Level.WARNING);
    LabelFactory labels = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("prompts", labels), labels);
    prompts.forEach(
        (name, examples) ->
            examples.forEach(example -> dataset.add(words(new Label(name), example))));
    return new BagOfWords(new LogisticRegressionTrainer().train(dataset));
  }

  /** Returns the most probable domain; of a prompt of unknown words, none. */
  public String classify(Example example) {
    try {
      return model.predict(words(LabelFactory.UNKNOWN_LABEL, example)).getOutput().getLabel();
    } catch (IllegalArgumentException e) {
      return "(unknown words)";
    }
  }

  private static ArrayExample<Label> words(Label label, Example example) {
    Map<String, Double> counts = new TreeMap<>();
    example.prompt().stream()
        .flatMap(message -> NO_LETTERS.splitAsStream(message.content().toLowerCase(Locale.ROOT)))
        .filter(word -> !word.isEmpty())
        .forEach(word -> counts.merge(word, 1.0, Double::sum));
    counts.merge("(any)", 1.0, Double::sum);
    double[] values = counts.values().stream().mapToDouble(Math::log1p).toArray();
    return new ArrayExample<>(label, counts.keySet().toArray(String[]::new), values);
  }
}
