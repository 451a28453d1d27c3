package io.github.moa4j.training.evaluation;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Routes, scores and answers examples in batches of similar length.
 *
 * <p>The same examples are measured again and again under other adapters, so an evaluator keeps the
 * token ids of all it has seen for as long as it lives. Thread-safe.
 */
public final class Evaluator {

  private static final int BATCH_SIZE = 32;

  private final BaseModel model;
  private final ExampleEncoder encoder;
  private final Map<Example, EncodedExample> encoded = new ConcurrentHashMap<>();

  /** Creates an evaluator; it owns none of its parts. */
  public Evaluator(BaseModel model, ExampleEncoder encoder) {
    this.model = model;
    this.encoder = encoder;
  }

  /** Returns the token ids of an example's prompt, as the model meets them here. */
  public int[] prompt(Example example) {
    return encoded(example).prompt();
  }

  /** Returns the text that an example's answer is compared with; see {@link ExampleEncoder}. */
  public String reference(Example example) {
    return encoder.reference(example);
  }

  /** Returns what the base sees of each prompt. */
  public List<PromptStates> states(List<Example> examples) {
    return states(examples, Collections.nCopies(examples.size(), AdapterChoice.base()));
  }

  /** Returns the states of each prompt that runs through its own adapters. */
  public List<PromptStates> states(List<Example> examples, List<AdapterChoice> choices) {
    List<int[]> prompts = prompts(examples);
    List<PromptStates> states = new ArrayList<>(Collections.nCopies(examples.size(), null));
    for (List<Integer> batch : batches(prompts)) {
      List<PromptStates> found =
          model.promptStates(
              batch.stream().map(prompts::get).toList(), batch.stream().map(choices::get).toList());
      for (int i = 0; i < batch.size(); i++) {
        states.set(batch.get(i), found.get(i));
      }
    }
    return states;
  }

  /**
   * Returns what the base sees of each prompt as the router of a mixture reads it: of a
   * conversation, the user's last message; see {@link PromptAsRead}.
   */
  public List<PromptStates> statesAsRead(List<Example> examples) {
    return states(examples.stream().map(PromptAsRead::of).toList());
  }

  /** Lets a router decide on each example's prompt, as it reads it in a mixture. */
  public List<RoutingDecision> route(Router router, List<Example> examples) {
    return statesAsRead(examples).stream().map(router::route).toList();
  }

  /** Returns the loss of each reference answer under each example's own adapters. */
  public List<Perplexity> perplexities(List<Example> examples, List<AdapterChoice> choices) {
    List<EncodedExample> items = examples.stream().map(this::encoded).toList();
    float[][] losses = AnswerLoss.perToken(model, items, choices, BATCH_SIZE);
    return IntStream.range(0, losses.length).mapToObj(i -> Perplexity.of(losses[i])).toList();
  }

  /**
   * Answers each example greedily with its own adapters.
   *
   * @param maxNewTokens of an answer
   */
  public List<String> answers(
      List<Example> examples, List<AdapterChoice> choices, int maxNewTokens) {
    GenerationOptions options = GenerationOptions.greedy(maxNewTokens);
    List<int[]> prompts = prompts(examples);
    List<GenerationRequest> requests =
        IntStream.range(0, prompts.size())
            .mapToObj(i -> new GenerationRequest(prompts.get(i), choices.get(i), options))
            .toList();
    try (TextGenerator generator = new TextGenerator(model, encoder.prompts())) {
      return generator.generate(requests).stream().map(GenerationResult::text).toList();
    }
  }

  private List<int[]> prompts(List<Example> examples) {
    return examples.stream().map(this::prompt).toList();
  }

  private EncodedExample encoded(Example example) {
    return encoded.computeIfAbsent(example, encoder::encode);
  }

  private static List<List<Integer>> batches(List<int[]> prompts) {
    List<Integer> order =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
            .toList();
    List<List<Integer>> batches = new ArrayList<>();
    for (int start = 0; start < order.size(); start += BATCH_SIZE) {
      batches.add(order.subList(start, Math.min(order.size(), start + BATCH_SIZE)));
    }
    return batches;
  }
}
