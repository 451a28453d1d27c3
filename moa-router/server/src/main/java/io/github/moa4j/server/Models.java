package io.github.moa4j.server;

import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names that a request may give as its model: {@value #AUTO} lets the router choose, the base's
 * name has it answer alone, and a domain's name has its adapter answer. Names of domains that a
 * client does not see are names that do not exist; whether there is a router that knows others it
 * does not see either.
 */
final class Models {

  /** Lets the router choose. */
  static final String AUTO = "auto";

  private final MixtureOfLoras mixture;
  private final String baseName;
  private final Instant started = Instant.now();

  Models(MixtureOfLoras mixture, String baseName) {
    this.mixture = mixture;
    this.baseName = baseName;
  }

  /** Whether a name stands for the router or the base, so that no adapter can have it. */
  boolean isReserved(String name) {
    return name.equals(AUTO) || name.equals(baseName);
  }

  /** Returns a question to the model of that name, which the mixture knows or not. */
  Question addressed(Question question, String model, Client client) {
    Question asked = client.caller().map(question::as).orElse(question);
    if (model.equals(AUTO)) {
      if (!isRouted(client)) {
        throw ApiError.noModel(model);
      }
      return asked;
    }
    return model.equals(baseName) ? asked.among(Set.of()) : asked.inDomain(model);
  }

  /** Returns the name of the model that answered. */
  String named(Optional<String> domain) {
    return domain.orElse(baseName);
  }

  /** Returns the domains that a client sees, but those whose name means something else. */
  Set<String> domains(Client client) {
    Set<String> names = new TreeSet<>(mixture.registry().domains());
    names.removeIf(name -> isReserved(name) || !client.sees(name));
    return names;
  }

  /** Returns the list of models as OpenAI's clients expect it. */
  Map<String, Object> list(Client client) {
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("object", "list");
    list.put("data", all(client));
    return list;
  }

  /** Returns one of the models. */
  Map<String, Object> find(String name, Client client) {
    return all(client).stream()
        .filter(model -> model.get("id").equals(name))
        .findFirst()
        .orElseThrow(() -> ApiError.noModel(name));
  }

  private List<Map<String, Object>> all(Client client) {
    MixtureState state = mixture.directory().state();
    List<Map<String, Object>> models = new ArrayList<>();
    if (isRouted(client)) {
      models.add(model(AUTO, started, baseName));
    }
    models.add(model(baseName, started, null));
    for (String domain : domains(client)) {
      MixtureState.Domain stored = state.domains().get(domain);
      models.add(model(domain, stored == null ? started : stored.committed(), baseName));
    }
    return models;
  }

  private boolean isRouted(Client client) {
    return client.isRestricted() || mixture.directory().state().routerVersion().isPresent();
  }

  private Map<String, Object> model(String id, Instant created, String parent) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("id", id);
    model.put("object", "model");
    model.put("created", created.getEpochSecond());
    model.put("owned_by", "moa4j");
    model.put("root", baseName);
    model.put("parent", parent);
    model.put("max_model_len", mixture.base().contextLength());
    return model;
  }
}
