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
   * @param tokens of an answer at most, and of all answers of a turn at least
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
      Tally unheld = new Tally();
      Tally unknown = new Tally();
      Tally known = new Tally();
      for (long seed = turn * 1000L; unknown.tokens < tokens; seed++) {
        // Another title makes it another constraint, of which nothing is known yet.
        Constraint constraint =
            Constraint.jsonSchema("{\"title\": \"%d\", %s}".formatted(made++, schema));
        GenerationOptions options =
            GenerationOptions.builder().maxNewTokens(tokens).temperature(1).seed(seed).build();
        answer(options, unheld);
        answer(options.withConstraint(constraint), unknown);
        answer(options.withConstraint(constraint), known);
      }
      if (turn > 0) { // one that does not count
        double prompt = unheld.prefill / unheld.answers;
        free.add(unheld.millis(prompt));
        first.add(unknown.millis(prompt));
        again.add(known.millis(prompt));
      }
    }
    double of = free.median();
    table.row(form, of, first.median(), again.median(), first.median() / of, again.median() / of);
  }

  /** Answers to one prompt: some are short, and the time of the prompt is not their tokens'. */
  private static final class Tally {
    private int answers;
    private int tokens;
    private double whole; // milliseconds
    private double prefill; // to the first tokens, in milliseconds

    /** Of a token behind the first, all that a free prompt does not take included. */
    double millis(double prompt) {
      return (whole - answers * prompt) / (tokens - answers);
    }
  }

  private void answer(GenerationOptions options, Tally tally) {
    long start = System.nanoTime();
    GenerationResult result =
        generator.generate(
            new GenerationRequest(prompt, AdapterChoice.base(), options), text -> {});
    tally.whole += (System.nanoTime() - start) / 1e6;
    tally.prefill += result.timings().timeToFirstToken().toNanos() / 1e6;
    tally.tokens += result.tokens().length;
    tally.answers++;
  }
}
