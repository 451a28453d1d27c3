package io.github.moa4j.djl;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import io.github.moa4j.router.MixtureOfLoras;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes predictors of a mixture: from text to text, and from DJL Serving's JSON ({@link Input}) to
 * its answer ({@link Output}).
 *
 * <pre>{@code
 * Criteria<String, String> criteria =
 *     Criteria.builder()
 *         .setTypes(String.class, String.class)
 *         .optEngine(MixtureEngine.NAME)
 *         .optModelPath(mixture)
 *         .optTranslatorFactory(new MixtureTranslatorFactory())
 *         .build();
 * }</pre>
 *
 * <p>The arguments {@code domain}, {@code max_tokens} and {@code temperature}, if there are any,
 * are those of questions that do not say. Stateless.
 */
public final class MixtureTranslatorFactory implements TranslatorFactory {

  private static final Set<Pair<Type, Type>> TYPES =
      Set.of(new Pair<>(String.class, String.class), new Pair<>(Input.class, Output.class));

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return TYPES;
  }

  @Override
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments) {
    MixtureOfLoras mixture = MixtureModel.mixture(model);
    QuestionReader reader = new QuestionReader(arguments == null ? Map.of() : arguments);
    if (input == String.class && output == String.class) {
      return new MixtureTranslator<>(
          mixture, text -> reader.text((String) text), texts(output), null);
    }
    if (input == Input.class && output == Output.class) {
      return new MixtureTranslator<>(
          mixture,
          json -> reader.json((Input) json),
          answered -> output.cast(Outputs.of(answered)),
          failure -> output.cast(Outputs.of(failure)));
    }
    throw new IllegalArgumentException(
        "A mixture translates from String to String and from Input to Output, not from "
            + input.getName()
            + " to "
            + output.getName());
  }

  private static <O> Function<MixtureTranslator.Answered, O> texts(Class<O> output) {
    return answered -> output.cast(answered.answer().text());
  }
}
