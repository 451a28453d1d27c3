package io.github.moa4j.router.stored;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.VoteCombination;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.statistics.internal.BaseFingerprints;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.GramTensors;
import io.github.moa4j.router.statistics.internal.StoredName;
import io.github.moa4j.router.statistics.internal.TokenGrams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A router's directory: {@code router.json} and {@code router.safetensors}. Both routers come back
 * bit by bit.
 *
 * <p>{@code router.json} holds {@code format_version} (1), {@code kind} ({@code ridge} or {@code
 * layerwise}), {@code base_fingerprint}, {@code domains} in the order of the scores, {@code width}
 * (of a pooled state), {@code pooling}, {@code states}, {@code abstention_threshold}, and of a
 * ridge router {@code regularization}, {@code temperature} and, where it has them, {@code
 * abstention_thresholds} (of domains that have their own) and {@code early_exit} ({@code states}
 * and {@code confidence}), of a layer-wise one {@code combination} and {@code trained_for}, the
 * routing mode whose states it has learnt ({@code sequence} where it is missing). {@code
 * router.safetensors} holds for each state s {@code states.s.weight} (f32, [domain, width]) and
 * {@code states.s.bias} (f32, [domain]); rows behind those of the domains are more kinds of what is
 * of none of them; and of a ridge router that has learnt tokens {@code tokens.weight} (f32, [bin,
 * the same rows]) and, if these tell domains from text of none, {@code tokens.regression} (f32,
 * [the same rows, bin + 1], zeros of a row that is not told). Other files in the directory are left
 * alone.
 */
final class RouterFiles {

  static final String JSON = "router.json";
  static final String TENSORS = "router.safetensors";
  static final int FORMAT_VERSION = 1;
  static final String RIDGE = "ridge";
  static final String LAYERWISE = "layerwise";

  private static final String TOKENS = "tokens.weight";
  private static final String REGRESSION = "tokens.regression";

  private RouterFiles() {}

  /**
   * Writes a router into a directory. A directory that already holds a router must not be in use:
   * the two files are replaced one after the other.
   *
   * @param router a {@link RidgeRouter} or {@link LayerwiseRouter}
   * @param directory created if it is missing
   * @param baseFingerprint the fingerprint of the base whose states the router reads
   * @throws RouterException if the router is of another kind, or the files cannot be written
   */
  static void write(Router router, Path directory, String baseFingerprint) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", FORMAT_VERSION);
    ClassifierStack classifiers = describe(router, json);
    json.put("base_fingerprint", baseFingerprint);
    json.put("domains", classifiers.domains().names());
    json.put("width", classifiers.width());
    json.put("pooling", StoredName.of(classifiers.pooling()));
    json.put("states", classifiers.states());
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new RouterException(
          "Cannot write the router to " + directory + ": " + Failure.reason(e) + ".", e);
    }
    Map<String, HostTensor> tensors = tensors(classifiers);
    if (router instanceof RidgeRouter ridge) {
      ridge.tokens().ifPresent(tokens -> tensors.putAll(tensors(tokens)));
    }
    SafetensorsWriter.write(directory.resolve(TENSORS), tensors, Map.of());
    AtomicFile.write(directory.resolve(JSON), Json.pretty(json), RouterException::new);
  }

  private static ClassifierStack describe(Router router, Map<String, Object> json) {
    if (router instanceof RidgeRouter ridge) {
      json.put("kind", RIDGE);
      json.put("regularization", ridge.settings().regularization());
      json.put("temperature", ridge.temperature());
      json.put("abstention_threshold", ridge.settings().abstentionThreshold());
      if (!ridge.abstentionThresholds().isEmpty()) {
        json.put("abstention_thresholds", new TreeMap<>(ridge.abstentionThresholds()));
      }
      ridge.earlyExit().ifPresent(exit -> json.put("early_exit", describe(exit)));
      return ClassifierStack.of(ridge.domains(), ridge.pooling(), ridge.layers());
    }
    if (router instanceof LayerwiseRouter layerwise) {
      json.put("kind", LAYERWISE);
      json.put("combination", StoredName.of(layerwise.combination()));
      json.put("trained_for", StoredName.of(layerwise.trainedFor()));
      json.put("abstention_threshold", layerwise.abstentionThreshold());
      return ClassifierStack.of(layerwise.domains(), layerwise.pooling(), layerwise.layers());
    }
    throw new RouterException(
        "A router of class "
            + router.getClass().getName()
            + " cannot be stored; only ridge and layer-wise routers can.");
  }

  private static Map<String, HostTensor> tensors(ClassifierStack classifiers) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (StateClassifier classifier : classifiers.classifiers()) {
      tensors.put(
          weightName(classifier.state()),
          HostTensor.of(classifier.weights(), classifier.numDomains(), classifier.features()));
      tensors.put(
          biasName(classifier.state()), HostTensor.of(classifier.bias(), classifier.numDomains()));
    }
    return tensors;
  }

  private static Map<String, HostTensor> tensors(TokenClassifier tokens) {
    HostTensor weights = HostTensor.of(tokens.weights(), TokenGrams.BINS, tokens.numDomains());
    return tokens.regressions().stream().anyMatch(Optional::isPresent)
        ? Map.of(TOKENS, weights, REGRESSION, GramTensors.regressions(tokens.regressions()))
        : Map.of(TOKENS, weights);
  }

  /**
   * Reads a router.
   *
   * @param directory a directory written by {@link #write}
   * @param baseFingerprint the fingerprint of the base in use
   * @throws RouterException if a file is missing or damaged, or the router belongs to another base;
   *     the message names the file
   * @throws io.github.moa4j.core.CheckpointException if the safetensors file is damaged
   */
  static Router read(Path directory, String baseFingerprint) {
    Path file = directory.resolve(JSON);
    JsonObject json = JsonObject.read(file, RouterException::new);
    if (json.integer("format_version", 0) != FORMAT_VERSION) {
      throw json.wrong("format_version", FORMAT_VERSION + ", which this version of MoA4J reads");
    }
    BaseFingerprints.require(file, json.text("base_fingerprint"), baseFingerprint);
    try (SafetensorsFile source = SafetensorsFile.open(directory.resolve(TENSORS))) {
      ClassifierStack classifiers = classifiers(json, source);
      Router router = router(json, classifiers);
      return router instanceof RidgeRouter ridge && source.names().contains(TOKENS)
          ? withTokens(ridge, source, classifiers.classifiers().get(0).numDomains())
          : router;
    }
  }

  private static RidgeRouter withTokens(RidgeRouter router, SafetensorsFile source, int rows) {
    HostTensor weights = tensor(source, TOKENS, TokenGrams.BINS, rows);
    Optional<HostTensor> regressions =
        source.names().contains(REGRESSION)
            ? Optional.of(tensor(source, REGRESSION, rows, TokenGrams.BINS + 1L))
            : Optional.empty();
    return made(
        source.path(),
        () -> {
          TokenClassifier tokens = TokenClassifier.of(weights);
          return router.withTokens(
              regressions
                  .map(told -> tokens.tellingApart(GramTensors.regressions(told)))
                  .orElse(tokens));
        });
  }

  private static Router router(JsonObject json, ClassifierStack classifiers) {
    double threshold = json.number("abstention_threshold");
    String kind = json.text("kind");
    switch (kind) {
      case RIDGE -> {
        double regularization = json.number("regularization");
        double temperature = json.number("temperature");
        return made(
            json.file(),
            () -> {
              RidgeRouter ridge =
                  RidgeRouter.of(
                          classifiers.domains().names(),
                          classifiers.pooling(),
                          classifiers.classifiers(),
                          new RidgeSettings(regularization, threshold),
                          temperature)
                      .withAbstentionThresholds(threshold, thresholds(json));
              return json.has("early_exit")
                  ? ridge.withEarlyExit(earlyExit(json.object("early_exit")))
                  : ridge;
            });
      }
      case LAYERWISE -> {
        String combination = json.text("combination");
        String mode = json.text("trained_for", StoredName.of(RoutingMode.SEQUENCE));
        return made(
            json.file(),
            () ->
                LayerwiseRouter.of(
                        classifiers.domains().names(),
                        classifiers.pooling(),
                        classifiers.classifiers())
                    .withCombination(StoredName.read(VoteCombination.class, combination))
                    .withTrainedFor(StoredName.read(RoutingMode.class, mode))
                    .withAbstentionThreshold(threshold));
      }
      default -> throw json.wrong("kind", "'" + RIDGE + "' or '" + LAYERWISE + "'");
    }
  }

  private static Map<String, Double> thresholds(JsonObject json) {
    JsonObject ofDomains = json.objectOrEmpty("abstention_thresholds");
    return ofDomains.keys().stream()
        .collect(Collectors.toMap(Function.identity(), ofDomains::number));
  }

  private static Map<String, Object> describe(EarlyExit exit) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("states", exit.states());
    json.put("confidence", exit.confidence());
    return json;
  }

  private static EarlyExit earlyExit(JsonObject json) {
    return new EarlyExit(json.positiveInt("states"), json.number("confidence"));
  }

  private static ClassifierStack classifiers(JsonObject json, SafetensorsFile source) {
    List<String> domains = json.texts("domains");
    int width = json.positiveInt("width");
    List<StateClassifier> classifiers = new ArrayList<>();
    for (int state : json.integers("states", 0)) {
      int features = features(source, weightName(state), width);
      int rows = rows(source, biasName(state), domains);
      HostTensor weights = tensor(source, weightName(state), rows, features);
      HostTensor bias = tensor(source, biasName(state), rows);
      classifiers.add(made(source.path(), () -> StateClassifier.of(state, width, weights, bias)));
    }
    return made(
        json.file(),
        () ->
            ClassifierStack.of(
                domains, StoredName.read(Pooling.class, json.text("pooling")), classifiers));
  }

  /**
   * A router of wide states weighs their features, one from before these were kept their values.
   */
  private static int features(SafetensorsFile source, String name, int width) {
    int features = FeatureSketch.of(width).features();
    boolean sketched =
        source.names().contains(name)
            && Arrays.stream(source.tensor(name).shape()).skip(1).anyMatch(n -> n == features);
    return sketched ? features : width;
  }

  /** How many rows a classifier has: of none of the domains there may be several kinds. */
  private static int rows(SafetensorsFile source, String name, List<String> domains) {
    long[] shape = source.names().contains(name) ? source.tensor(name).shape() : new long[0];
    boolean several = domains.contains(RouterDomains.NONE_OF_THESE) && shape.length == 1;
    return several ? (int) Math.max(domains.size(), shape[0]) : domains.size();
  }

  /** Makes a part of the router; what it refuses is told with the file the values stem from. */
  private static <T> T made(Path file, Supplier<T> part) {
    try {
      return part.get();
    } catch (IllegalArgumentException | RouterException e) {
      throw new RouterException("The router file " + file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static HostTensor tensor(SafetensorsFile source, String name, long... shape) {
    if (!source.names().contains(name)) {
      throw damaged(source, "tensor '" + name + "' is missing");
    }
    HostTensor tensor = source.tensor(name);
    if (tensor.dataType() != DataType.F32 || !Arrays.equals(tensor.shape(), shape)) {
      throw damaged(
          source,
          "tensor '" + name + "' is " + tensor + ", expected F32 " + Arrays.toString(shape));
    }
    return tensor;
  }

  private static RouterException damaged(SafetensorsFile source, String problem) {
    return new RouterException(
        source.path() + " does not fit its " + JSON + ": " + problem + ". Fit the router again.");
  }

  private static String weightName(int state) {
    return "states." + state + ".weight";
  }

  private static String biasName(int state) {
    return "states." + state + ".bias";
  }
}
