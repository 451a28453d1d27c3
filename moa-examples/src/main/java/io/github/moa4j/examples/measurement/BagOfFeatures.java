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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * A classifier that sees only which words or trigrams a prompt holds: what routers have to beat.
 */
public final class BagOfFeatures {

  /** What a text is taken apart to. */
  public enum Feature {
    WORD,
    /** Three characters, whatever they are. */
    TRIGRAM;

    private Stream<String> of(String text) {
      return this == WORD
          ? NO_LETTERS.splitAsStream(text).filter(word -> !word.isEmpty())
          : IntStream.rangeClosed(0, text.length() - 3).mapToObj(i -> text.substring(i, i + 3));
    }
  }

  private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

  /** Held here, since Java's own logging forgets levels of loggers that nobody holds. */
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  private final Feature feature;
  private final Model<Label> model;

  private BagOfFeatures(Feature feature, Model<Label> model) {
    this.feature = feature;
    this.model = model;
  }

  /** Trains on the words of the first prompts of each domain. */
  public static BagOfFeatures train(List<Domain> domains, int promptsPerDomain) {
    Map<String, List<Example>> prompts = new LinkedHashMap<>();
    domains.forEach(
        domain ->
            prompts.put(domain.name(), domain.firstTrainingExamples(promptsPerDomain).train()));
    return train(Feature.WORD, prompts);
  }

  /** Trains on the prompts of examples, by the name of their domain. */
  public static BagOfFeatures train(Feature feature, Map<String, List<Example>> prompts) {
    TRIBUO.setLevel(Level.WARNING);
    LabelFactory labels = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("prompts", labels), labels);
    prompts.forEach(
        (name, examples) ->
            examples.forEach(example -> dataset.add(features(feature, new Label(name), example))));
    return new BagOfFeatures(feature, new LogisticRegressionTrainer().train(dataset));
  }

  /** Returns the most probable domain; of a prompt of unknown features, none. */
  public String classify(Example example) {
    try {
      return model
          .predict(features(feature, LabelFactory.UNKNOWN_LABEL, example))
          .getOutput()
          .getLabel();
    } catch (IllegalArgumentException e) {
      return "(unknown)";
    }
  }

  private static ArrayExample<Label> features(Feature feature, Label label, Example example) {
    Map<String, Double> counts = new TreeMap<>();
    example.prompt().stream()
        .flatMap(message -> feature.of(message.content().toLowerCase(Locale.ROOT)))
        .forEach(found -> counts.merge(found, 1.0, Double::sum));
    counts.merge("(any)", 1.0, Double::sum);
    double[] values = counts.values().stream().mapToDouble(Math::log1p).toArray();
    return new ArrayExample<>(label, counts.keySet().toArray(String[]::new), values);
  }
}
