package io.github.moa4j.core.constraint;

import io.github.moa4j.core.constraint.internal.Graph;
import io.github.moa4j.core.constraint.internal.Language;
import io.github.moa4j.core.constraint.internal.PatternReader;
import io.github.moa4j.core.constraint.internal.SchemaReader;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the whole text of an answer must be. While an answer is generated only tokens are allowed
 * from which such a text can still be reached, and it ends only where it is one.
 *
 * <p>Immutable and thread-safe. Two that were made from the same text are equal.
 */
public final class Constraint {

  private static final int LONGEST = 1 << 20; // characters of a schema or pattern

  private final String source;
  private final Supplier<Language> language; // anew for every graph that it is written into
  private final Graph graph;

  private Constraint(String source, Supplier<Language> language) {
    this.source = source;
    this.language = language;
    this.graph = Graph.of(language.get());
    if (graph.isEmpty()) {
      throw new ConstraintException(
          "No text satisfies the constraint (numbers are written with 15 digits before the point and"
              + " 6 behind it at most): "
              + Failure.quote(source));
    }
  }

  /**
   * JSON that a schema describes, written without free white space and with properties in the
   * schema's order. Where a schema leaves open whether there are more properties than it lists,
   * none are written.
   *
   * @param schema JSON text: types, {@code properties}, {@code required}, {@code
   *     additionalProperties}, {@code items}, {@code minItems}, {@code maxItems}, {@code enum},
   *     {@code const}, {@code pattern}, {@code format}, {@code minLength}, {@code maxLength},
   *     bounds of numbers, {@code multipleOf} of integers, {@code anyOf}, {@code oneOf}, {@code
   *     allOf}, {@code $ref} within it
   * @throws ConstraintException if it has a keyword that could not be kept, which is named, or
   *     nothing satisfies it, or it is too large
   */
  public static Constraint jsonSchema(String schema) {
    requireShort(schema);
    return new Constraint("schema: " + schema, () -> SchemaReader.read(schema));
  }

  /**
   * Text that a regular expression matches as a whole.
   *
   * @throws ConstraintException if it uses what an automaton cannot tell, such as references to
   *     groups and looking around, or is too large
   */
  public static Constraint regex(String pattern) {
    requireShort(pattern);
    return new Constraint("regex: " + pattern, () -> PatternReader.whole(pattern));
  }

  /**
   * One of some texts, exactly.
   *
   * @throws ConstraintException if there are none, or they are too many
   */
  public static Constraint choices(List<String> choices) {
    List<String> all = List.copyOf(choices);
    if (all.isEmpty()) {
      throw new ConstraintException("A list of choices needs at least one");
    }
    return new Constraint("choices: " + Json.compact(all), () -> Language.texts(all));
  }

  /**
   * What one of some constraints allows.
   *
   * @throws ConstraintException if there are none, or they are too large together
   */
  public static Constraint anyOf(List<Constraint> constraints) {
    List<Constraint> all = List.copyOf(constraints);
    if (all.isEmpty()) {
      throw new ConstraintException("A choice of constraints needs at least one");
    }
    return new Constraint("any of: " + all, () -> Language.anyOf(languages(all)));
  }

  private static List<Language> languages(List<Constraint> constraints) {
    return constraints.stream().map(constraint -> constraint.language.get()).toList();
  }

  /** What this allows between two texts, either of which may be empty. */
  public Constraint between(String before, String behind) {
    return new Constraint(
        "between: " + Json.compact(List.of(before, source, behind)),
        () -> Language.sequence(Language.text(before), language.get(), Language.text(behind)));
  }

  /**
   * What this allows, once or more often, with a text between.
   *
   * @param most how often at most
   * @throws ConstraintException if that is too large
   */
  public Constraint repeated(String separator, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most is " + most + ", expected 1 or more");
    }
    return new Constraint(
        "repeated: " + Json.compact(List.of(separator, most, source)),
        () -> {
          Language one = language.get();
          return Language.sequence(
              one, Language.sequence(Language.text(separator), one).repeated(0, most - 1));
        });
  }

  private static void requireShort(String source) {
    if (source.length() > LONGEST) {
      throw new ConstraintException(
          "A constraint of %d characters is too large; at most %d"
              .formatted(source.length(), LONGEST));
    }
  }

  /** Returns the engine-level form of this constraint, if it is of the asked type. */
  public <T> T unwrap(Class<T> type) {
    return type.cast(graph);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Constraint constraint && constraint.source.equals(source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return source.length() <= 200 ? source : source.substring(0, 200) + "…";
  }
}
