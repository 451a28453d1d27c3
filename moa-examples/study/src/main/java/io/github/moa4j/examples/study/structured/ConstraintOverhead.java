package io.github.moa4j.examples.study.structured;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Samples;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a constraint adds to the time of a token: an answer without, the first answer under a
 * constraint and the same answer again, by turns on one model.
 */
public final class ConstraintOverhead {

  private static final Map<String, String> FORMS = forms();

  private final TextGenerator generator;
  private final int[] prompt;
  private final int tokens;
  private int made;

  /**
   * Measures with one prompt.
   *
   * @param tokens of an answer at most
   */
  public ConstraintOverhead(TextGenerator generator, int[] prompt, int tokens) {
    this.generator = generator;
    this.prompt = prompt.clone();
    this.tokens = tokens;
  }

  private static Map<String, String> forms() {
    Map<String, String> forms = new LinkedHashMap<>();
    forms.put("free string", "\"type\": \"string\"");
    forms.put("string, `maxLength` 40", "\"type\": \"string\", \"maxLength\": 40");
    forms.put("string, `maxLength` 2000", "\"type\": \"string\", \"maxLength\": 2000");
    forms.put("string, `minLength` 2000", "\"type\": \"string\", \"minLength\": 2000");
    forms.put("`[a-z]{1,2000}`", "\"type\": \"string\", \"pattern\": \"^[a-z]{1,2000}$\"");
    forms.put(
        "words, `maxLength` 200",
        "\"type\": \"string\", \"pattern\": \"^[a-z]+( [a-z]+)*$\", \"maxLength\": 200");
    forms.put(
        "500 to 1000 strings",
        "\"type\": \"array\", \"items\": {\"type\": \"string\", \"maxLength\": 20},"
            + " \"minItems\": 500, \"maxItems\": 1000");
    forms.put(
        "object of three properties",
        "\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\", \"maxLength\":"
            + " 40}, \"degrees\": {\"type\": \"integer\"}, \"date\": {\"type\": \"string\","
            + " \"format\": \"date\"}}, \"required\": [\"city\", \"degrees\", \"date\"]");
    forms.put("any object", "\"type\": \"object\"");
    return forms;
  }

  /** Prints a row for each form. */
  public void print(PrintWriter out, int turns) {
    MarkdownTable table =
        new MarkdownTable(
            out,
            "Time of a token, medians of " + turns + " turns",
            "form",
            "free (ms)",
            "first answer (ms)",
            "again (ms)",
            "first / free",
            "again / free");
    FORMS.forEach((form, schema) -> row(table, form, schema, turns));
  }

  private void row(MarkdownTable table, String form, String schema, int turns) {
    Samples free = new Samples();
    Samples first = new Samples();
    Samples again = new Samples();
    for (int turn = 0; turn <= turns; turn++) {
      // Another title makes it another constraint, of which nothing is known yet.
      Constraint constraint =
          Constraint.jsonSchema("{\"title\": \"%d\", %s}".formatted(made++, schema));
      GenerationOptions options =
          GenerationOptions.builder().maxNewTokens(tokens).temperature(1).seed(turn).build();
      double freeTime = millisPerToken(options);
      double firstTime = millisPerToken(options.withConstraint(constraint));
      double againTime = millisPerToken(options.withConstraint(constraint));
      if (turn > 0) { // one that does not count
        free.add(freeTime);
        first.add(firstTime);
        again.add(againTime);
      }
    }
    double of = free.median();
    table.row(form, of, first.median(), again.median(), first.median() / of, again.median() / of);
  }

  private double millisPerToken(GenerationOptions options) {
    long start = System.nanoTime();
    GenerationResult result =
        generator.generate(
            new GenerationRequest(prompt, AdapterChoice.base(), options), text -> {});
    return (System.nanoTime() - start) / 1e6 / result.tokens().length;
  }
}
