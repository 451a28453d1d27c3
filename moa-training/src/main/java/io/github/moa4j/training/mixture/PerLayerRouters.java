package io.github.moa4j.training.mixture;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import io.github.moa4j.training.router.PerLayerRouterTrainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Trains a mixture's layer-wise router on the states that its own choices lead to. */
final class PerLayerRouters {

  private static final int ROUNDS = 2;

  private final BaseModel base;
  private final PromptReader reader;
  private final LayerwiseRouterSettings settings;

  PerLayerRouters(BaseModel base, PromptReader reader, LayerwiseRouterSettings settings) {
    this.base = base;
    this.reader = reader;
    this.settings = settings;
  }

  /**
   * Trains the router.
   *
   * @param state of the mixture, whose domains are learnt
   * @param domains at least those of the mixture
   * @throws DatasetException if one of the mixture's is missing
   */
  LayerwiseRouter train(MixtureDirectory mixture, MixtureState state, List<Domain> domains) {
    Map<String, List<int[]>> prompts = new LinkedHashMap<>();
    for (String name : state.domains().keySet()) {
      prompts.put(name, reader.encodeConversations(name, named(name, domains).train()));
    }
    Map<String, AppliedLora> adapters = new LinkedHashMap<>();
    try {
      for (String name : prompts.keySet()) {
        int version = state.domain(name).version();
        adapters.put(name, base.load(mixture.readAdapter(name, version, PeftFormat::read)));
      }
      return new PerLayerRouterTrainer(base, settings, ROUNDS).train(prompts, adapters);
    } finally {
      adapters.values().forEach(AppliedLora::close);
    }
  }

  private static Domain named(String name, List<Domain> domains) {
    return domains.stream()
        .filter(domain -> domain.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new DatasetException(
                    "Routers for PER_LAYER learn from the prompts of every domain of the mixture,"
                        + " but those of '%s' are missing. Give its training examples too."
                            .formatted(name)));
  }
}
