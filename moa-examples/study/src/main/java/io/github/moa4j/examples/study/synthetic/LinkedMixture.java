package io.github.moa4j.examples.study.synthetic;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A mixture of any number of domains that have learnt nothing: the adapter of all is one of rank 1,
 * the routers' weights are random. As a writer of versions it links the files of that adapter.
 */
public final class LinkedMixture implements Consumer<Path> {

  private static final int COMMITTED_AT_ONCE = 1000;

  private final Path base;
  private final Path adapter;
  private final ModelConfig config;
  private final String fingerprint;

  /** Prepares mixtures on a base, beside whose folder the adapter of all domains is put. */
  public LinkedMixture(Path base) {
    this.base = base;
    this.adapter = base.resolveSibling("adapter");
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      this.config = checkpoint.config();
      this.fingerprint = checkpoint.fingerprint();
    }
    LoraConfig lora = LoraConfig.of(1, 2, EnumSet.of(TargetModule.Q_PROJ));
    PeftFormat.write(LoraInitialization.random(config, lora, 1), adapter);
  }

  /** Returns the name of a domain, counted from 0. */
  public static String name(int index) {
    return "domain-" + index;
  }

  /** Writes a mixture into a folder. */
  public void write(Path folder, int domains) {
    MixtureDirectory mixture = MixtureDirectory.create(folder, fingerprint, base.toString());
    for (int first = 0; first < domains; first += COMMITTED_AT_ONCE) {
      int from = first;
      int end = Math.min(domains, first + COMMITTED_AT_ONCE);
      mixture.commit(
          change -> {
            for (int i = from; i < end; i++) {
              change.addDomain(name(i), this);
            }
          });
    }
    mixture.setRouter(router -> routers(domains).write(router, fingerprint));
  }

  private StoredRouters routers(int domains) {
    List<String> names = IntStream.range(0, domains).mapToObj(LinkedMixture::name).toList();
    List<StateClassifier> classifiers =
        IntStream.rangeClosed(0, config.numHiddenLayers())
            .mapToObj(state -> classifier(state, domains))
            .toList();
    return new StoredRouters(
        LayerwiseRouter.of(names, Pooling.MEAN, classifiers),
        RidgeRouter.of(names, Pooling.MEAN, classifiers, RidgeSettings.defaults(), 0.1));
  }

  private StateClassifier classifier(int state, int domains) {
    SplittableRandom random = new SplittableRandom(state);
    int width = config.hiddenSize();
    float[] weights = new float[Math.multiplyExact(domains, width)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return new StateClassifier(state, width, weights, new float[domains]);
  }

  /** Links the adapter's files into a version's folder. */
  @Override
  public void accept(Path version) {
    try (Stream<Path> files = Files.list(adapter)) {
      for (Path file : files.toList()) {
        Files.createLink(version.resolve(file.getFileName()), file);
      }
    } catch (IOException e) {
      throw new MoaException("Cannot link the adapter in " + adapter + " to " + version + ".", e);
    }
  }
}
