package io.github.moa4j.examples.study.structured;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Asks for JSON of random schemas, and looks at what is answered. */
public final class SchemaAnswers {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonSchemaFactory VALIDATORS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final SchemaValidatorsConfig STRICT =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
  private static final List<String> WORDS =
      List.of(
          "list",
          "describe",
          "the",
          "weather",
          "in",
          "Oslo",
          "as",
          "JSON",
          "with",
          "all",
          "names",
          "of",
          "users",
          "and",
          "prices",
          "since",
          "2021",
          "Grüße",
          "中文",
          "\"quoted\"",
          "{",
          "}",
          "please",
          "shortly",
          "\n",
          "select",
          "count(*)",
          "from",
          "orders",
          "never",
          "stop");

  /**
   * What became of some schemas.
   *
   * @param valid answers that satisfy their schema
   * @param invalid those that are finished and do not, each with its seed
   * @param unfinished those that were cut, each with its seed
   * @param refused schemas that an answer could not be held to, each with its seed
   * @param tokens of all answers
   */
  public record Tally(
      int valid, List<String> invalid, List<String> unfinished, List<String> refused, long tokens) {

    /** Copies the lists. */
    public Tally {
      invalid = List.copyOf(invalid);
      unfinished = List.copyOf(unfinished);
      refused = List.copyOf(refused);
    }

    /** Returns both together. */
    public Tally plus(Tally other) {
      return new Tally(
          valid + other.valid,
          joined(invalid, other.invalid),
          joined(unfinished, other.unfinished),
          joined(refused, other.refused),
          tokens + other.tokens);
    }

    private static List<String> joined(List<String> one, List<String> other) {
      List<String> all = new ArrayList<>(one);
      all.addAll(other);
      return all;
    }
  }

  private final TextGenerator generator;
  private final PromptEncoder prompts;
  private final int maxNewTokens;

  /** Asks a model. */
  public SchemaAnswers(TextGenerator generator, PromptEncoder prompts, int maxNewTokens) {
    this.generator = generator;
    this.prompts = prompts;
    this.maxNewTokens = maxNewTokens;
  }

  /** Asks for the schemas of some seeds, all in one batch. */
  public Tally ask(int from, int to) {
    List<String> schemas = new ArrayList<>();
    List<GenerationRequest> requests = new ArrayList<>();
    List<Integer> seeds = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (int seed = from; seed < to; seed++) {
      String schema = written(seed);
      try {
        requests.add(request(seed, Constraint.jsonSchema(schema)));
        schemas.add(schema);
        seeds.add(seed);
      } catch (ConstraintException e) {
        refused.add(seed + ": " + e.getMessage() + " " + schema);
      }
    }
    List<GenerationResult> results = generator.generate(requests);
    int valid = 0;
    List<String> invalid = new ArrayList<>();
    List<String> unfinished = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      GenerationResult result = results.get(i);
      String told =
          "%d: %s %s after %d tokens: %s"
              .formatted(
                  seeds.get(i),
                  schemas.get(i),
                  result.stopReason(),
                  result.tokens().length,
                  result.text());
      if (result.stopReason() != StopReason.END_TOKEN) {
        unfinished.add(told);
      } else {
        String faults = faults(schemas.get(i), result.text());
        if (faults.isEmpty()) {
          valid++;
        } else {
          invalid.add(told + " " + faults);
        }
      }
    }
    long tokens = results.stream().mapToLong(result -> result.tokens().length).sum();
    return new Tally(valid, invalid, unfinished, refused, tokens);
  }

  private GenerationRequest request(int seed, Constraint constraint) {
    SplittableRandom random = new SplittableRandom(seed);
    String prompt =
        random
            .ints(1 + random.nextInt(30), 0, WORDS.size())
            .mapToObj(WORDS::get)
            .collect(Collectors.joining(" "));
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(maxNewTokens)
            .temperature(seed % 4 * 0.5) // 0 is greedy
            .seed(seed)
            .constraint(constraint)
            .build();
    return new GenerationRequest(
        prompts.encode(Conversation.of(ChatMessage.user(prompt))), AdapterChoice.base(), options);
  }

  private static String written(int seed) {
    try {
      return MAPPER.writeValueAsString(RandomSchema.of(seed));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String faults(String schema, String answer) {
    try {
      return VALIDATORS.getSchema(schema, STRICT).validate(MAPPER.readTree(answer)).stream()
          .map(Object::toString)
          .collect(Collectors.joining("; "));
    } catch (JsonProcessingException e) {
      return "no JSON: " + e.getOriginalMessage();
    }
  }
}
