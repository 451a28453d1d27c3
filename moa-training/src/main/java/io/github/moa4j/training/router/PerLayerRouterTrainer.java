package io.github.moa4j.training.router;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Trains layer-wise routers on the states they meet when every layer follows its own router. Behind
 * the first layer those are not the base's: the choices of the layers below have shaped them, right
 * or wrong. So the routers are trained in rounds on all states seen so far (dataset aggregation;
 * Ross et al., 2011): the base's own and those of each label's adapter first, then, round by round,
 * those of the routers' own choices. A prompt that is held out is held out in all these forms.
 *
 * <p>Unlike the routers of a mixture these need every domain's prompts and adapters, as a new
 * adapter changes what the layers meet.
 */
public final class PerLayerRouterTrainer {

  private static final int BATCH = 32;

  private final BaseModel model;
  private final LayerwiseRouterSettings settings;
  private final int rounds;

  /**
   * Creates a trainer; it does not own the model.
   *
   * @param rounds how often the routers are trained again on what their own choices led to
   */
  public PerLayerRouterTrainer(BaseModel model, LayerwiseRouterSettings settings, int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("At least one round is needed, not " + rounds);
    }
    this.model = model;
    this.settings = settings;
    this.rounds = rounds;
  }

  /**
   * Trains the routers.
   *
   * @param prompts token ids of each domain's prompts
   * @param adapters the adapter of each domain
   * @return a router that says it was trained for {@link RoutingMode#PER_LAYER}
   * @throws io.github.moa4j.router.RouterException if a domain has no prompt or no adapter
   */
  public LayerwiseRouter train(
      Map<String, List<int[]>> prompts, Map<String, AppliedLora> adapters) {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(settings);
    Map<String, List<List<PromptStates>>> seen = new LinkedHashMap<>();
    prompts.forEach(
        (domain, texts) -> {
          List<List<PromptStates>> forms = new ArrayList<>();
          texts.forEach(text -> forms.add(new ArrayList<>()));
          AdapterChoice label = AdapterChoice.of(adapters.get(domain));
          addForm(forms, states(texts, batch -> nCopies(batch, AdapterChoice.base())));
          addForm(forms, states(texts, batch -> nCopies(batch, label)));
          seen.put(domain, forms);
        });
    LayerwiseRouter router = train(trainer, seen);
    for (int round = 0; round < rounds; round++) {
      PerLayerPass routing = new PerLayerPass(model, router, adapters);
      prompts.forEach((domain, texts) -> addForm(seen.get(domain), ownStates(routing, texts)));
      router = train(trainer, seen);
    }
    return router.withTrainedFor(RoutingMode.PER_LAYER);
  }

  private LayerwiseRouter train(
      LayerwiseRouterTrainer trainer, Map<String, List<List<PromptStates>>> seen) {
    List<DomainRows> domains = new ArrayList<>();
    seen.forEach((domain, forms) -> domains.add(PromptRows.ofForms(domain, forms, settings)));
    return trainer.trainOn(domains);
  }

  /** Adds one more form of each prompt. */
  private static void addForm(List<List<PromptStates>> prompts, List<PromptStates> form) {
    for (int i = 0; i < form.size(); i++) {
      prompts.get(i).add(form.get(i));
    }
  }

  private static List<AdapterChoice> nCopies(List<int[]> batch, AdapterChoice choice) {
    return Collections.nCopies(batch.size(), choice);
  }

  /** States of the pass in which every layer follows its own router. */
  private List<PromptStates> ownStates(PerLayerPass routing, List<int[]> texts) {
    return states(
        texts, batch -> Arrays.stream(routing.probabilities(batch)).map(routing::choice).toList());
  }

  private List<PromptStates> states(
      List<int[]> texts, Function<List<int[]>, List<AdapterChoice>> choices) {
    List<PromptStates> states = new ArrayList<>();
    for (int start = 0; start < texts.size(); start += BATCH) {
      List<int[]> batch = texts.subList(start, Math.min(texts.size(), start + BATCH));
      states.addAll(model.promptStates(batch, choices.apply(batch)));
    }
    return states;
  }
}
