package io.github.moa4j.examples.study.synthetic;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.StateClassifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A mixture of random adapters of rank 8 on all maps, and a random router. */
public final class SyntheticMixture {

  private static final int RANK = 8;
  private static final double DEVIATION = 0.02;

  private final Path base;
  private final ModelConfig model;
  private final String fingerprint;
  private final LoraConfig lora;

  private SyntheticMixture(Path base, ModelConfig model, String fingerprint, LoraConfig lora) {
    this.base = base;
    this.model = model;
    this.fingerprint = fingerprint;
    this.lora = lora;
  }

  /**
   * Prepares a mixture on a base that has a tokenizer.
   *
   * @param activated whether the adapters apply from the answer's opening on only
   */
  public static SyntheticMixture of(Path base, boolean activated) {
    LoraConfig lora = LoraConfig.of(RANK, 2.0 * RANK, Set.of(TargetModule.values()));
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      return new SyntheticMixture(
          base,
          checkpoint.config(),
          checkpoint.fingerprint(),
          activated ? lora.withAloraInvocationTokens(answerOpening(base)) : lora);
    }
  }

  private static List<Integer> answerOpening(Path base) {
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      return new PromptEncoder(tokenizer, ChatTemplate.read(base), Map.of()).answerOpening();
    }
  }

  /** Returns the names of the first domains. */
  public static List<String> domains(int count) {
    return IntStream.range(0, count).mapToObj(i -> "domain" + i).toList();
  }

  /** Writes a mixture of some domains, without a router. */
  public MixtureDirectory write(Path folder, int domains) {
    MixtureDirectory mixture = MixtureDirectory.create(folder, fingerprint, base.toString());
    mixture.commit(
        change -> {
          for (String domain : domains(domains)) {
            change.addDomain(domain, adapter(domain.hashCode()));
            change.pinDomain(domain);
          }
        });
    return mixture;
  }

  /** Writes an adapter of a seed. */
  public Consumer<Path> adapter(long seed) {
    return adapter(seed, DEVIATION);
  }

  /**
   * Writes an adapter of a seed.
   *
   * @param deviation of its parameters
   */
  public Consumer<Path> adapter(long seed, double deviation) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Random random = new Random(seed);
    LoraInitialization.random(model, lora, seed)
        .tensors()
        .forEach((name, tensor) -> tensors.put(name, random(random, deviation, tensor.shape())));
    return folder -> PeftFormat.write(LoraAdapter.of(lora, tensors), folder);
  }

  /** Returns a router that reads the state before every layer and the last, and knows nothing. */
  public Router router(int domains) {
    Random random = new Random(1);
    return router(
        domains,
        () -> random(random, DEVIATION, domains, model.hiddenSize()).toFloatArray(),
        new float[domains]);
  }

  /**
   * Returns a router that reads as much, but always chooses the first domain: so that what is
   * routed is answered by the same adapter as what names that domain.
   */
  public Router routerToTheFirst(int domains) {
    float[] bias = new float[domains];
    bias[0] = 1;
    return router(domains, () -> new float[domains * model.hiddenSize()], bias);
  }

  private Router router(int domains, Supplier<float[]> weights, float[] bias) {
    List<StateClassifier> layers = new ArrayList<>();
    for (int state = 0; state <= model.numHiddenLayers(); state++) {
      layers.add(new StateClassifier(state, model.hiddenSize(), weights.get(), bias));
    }
    return LayerwiseRouter.of(domains(domains), Pooling.MEAN, layers);
  }

  private static HostTensor random(Random random, double deviation, long... shape) {
    float[] values = new float[(int) (shape[0] * shape[1])];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return HostTensor.of(values, shape);
  }
}
