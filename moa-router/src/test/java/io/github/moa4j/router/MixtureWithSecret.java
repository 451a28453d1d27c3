package io.github.moa4j.router;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.GramRegression;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Mixtures that have the domains of a {@link TestMixture}, and one more that is as probable as
 * these.
 */
final class MixtureWithSecret {

  static final String SECRET = "poems";

  private MixtureWithSecret() {}

  /** Writes the mixture into a folder. */
  static MixtureDirectory in(Path folder, TestMixture files) {
    MixtureState known = files.directory.state();
    MixtureDirectory mixture =
        MixtureDirectory.create(folder, known.baseFingerprint(), files.base.toString());
    mixture.commit(
        change -> {
          change.addDomain(SECRET, files.adapter(3));
          change.addDomain("colours", files.adapter(1));
          change.addDomain("numbers", files.adapter(2));
          change.setRouter(router(known));
        });
    return mixture;
  }

  private static Consumer<Path> router(MixtureState known) {
    Path old = known.routerDirectory().orElseThrow();
    LayerwiseRouter layerwise = StoredRouters.readLayerwise(old, known.baseFingerprint());
    RidgeRouter ridge =
        (RidgeRouter) StoredRouters.read(old, RouterKind.RIDGE, known.baseFingerprint());
    return folder ->
        new StoredRouters(
                LayerwiseRouter.of(
                        domains(layerwise), layerwise.pooling(), withSecret(layerwise.layers()))
                    .withTrainedFor(layerwise.trainedFor())
                    .withAbstentionThreshold(layerwise.abstentionThreshold()),
                RidgeRouter.of(
                        domains(ridge),
                        ridge.pooling(),
                        withSecret(ridge.layers()),
                        ridge.settings(),
                        ridge.temperature())
                    .withTokens(withSecret(ridge.tokens().orElseThrow())))
            .write(folder, known.baseFingerprint());
  }

  private static List<String> domains(Router router) {
    List<String> domains = new ArrayList<>(List.of(SECRET));
    domains.addAll(router.domains());
    return domains;
  }

  /** Puts a domain before the others that scores what a mixture of these does, and some noise. */
  private static List<StateClassifier> withSecret(List<StateClassifier> classifiers) {
    Random random = new Random(1);
    return classifiers.stream()
        .map(
            known -> {
              float[] old = known.weights();
              float[] weights = new float[known.features() + old.length];
              System.arraycopy(old, 0, weights, known.features(), old.length);
              for (int i = 0; i < known.features(); i++) {
                weights[i] =
                    old[i + known.features() * random.nextInt(known.numDomains())]
                        * (float) (1 + 0.3 * random.nextGaussian());
              }
              float[] bias = new float[known.numDomains() + 1];
              System.arraycopy(known.bias(), 0, bias, 1, known.numDomains());
              bias[0] = known.bias()[0];
              return new StateClassifier(known.state(), known.width(), weights, bias);
            })
        .toList();
  }

  /** The same of tokens, [bin][row]. */
  private static TokenClassifier withSecret(TokenClassifier known) {
    Random random = new Random(2);
    int rows = known.numDomains();
    float[] old = known.weights();
    float[] weights = new float[old.length / rows * (rows + 1)];
    for (int bin = 0; bin < old.length / rows; bin++) {
      int start = bin * (rows + 1);
      System.arraycopy(old, bin * rows, weights, start + 1, rows);
      weights[start] = old[bin * rows + random.nextInt(rows)];
    }
    List<Optional<GramRegression>> regressions = new ArrayList<>(known.regressions());
    regressions.add(0, known.regressions().get(0));
    return TokenClassifier.of(HostTensor.of(weights, old.length / rows, rows + 1))
        .tellingApart(regressions);
  }
}
