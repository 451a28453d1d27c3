package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.mixture.TrainedDomainFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * Trains the domains of a mixture on the machines of a cluster, each domain as one task. The same
 * base, examples and settings give the files that one machine of that kind gives, byte by byte,
 * however many tasks were lost, tried again or run twice at once: one of a domain's tasks is
 * believed, by Spark's own rule, and only the driver writes to the mixture.
 */
public final class SparkDomains {

  private static final String TRAIN = "train.jsonl";

  private SparkDomains() {}

  /**
   * Trains every domain of a folder, adds it to a mixture or replaces its adapter there, and trains
   * the routers. Waits until all is done. The driver needs room for the base, too: it trains the
   * routers.
   *
   * <p>A domain whose examples are not valid, and one whose task failed too often, takes no other
   * down: the others are in the mixture when this throws.
   *
   * @param domains the URI of a folder with one folder a domain, as {@link
   *     io.github.moa4j.training.data.Domains} reads it
   * @param storage the URI of the mixture's folder, which every machine of the cluster reaches; a
   *     mixture is made where there is none. One of {@code file:} is written in place, and writers
   *     wait for each other; elsewhere the mixture must have no other writer meanwhile
   * @return the mixture's state; where {@code storage} is not of {@code file:}, its paths lead
   *     nowhere any more
   * @throws MoaException if a domain could not be trained, or something cannot be read or written
   */
  public static MixtureState train(
      SparkSession spark,
      SparkBase base,
      String domains,
      MixtureTrainingSettings settings,
      String storage) {
    if (!settings.adapter().privacy().isNone()) {
      throw new MoaException(
          "Private training needs router examples of its own for every domain, which a cluster is"
              + " not given. Train private domains by MixtureTrainer.");
    }
    StoredFolder data = StoredFolder.at(spark, domains);
    List<String> names = names(data);
    StoredFolder baseFolder = StoredFolder.at(spark, base.location());
    StoredFolder target = StoredFolder.at(spark, storage);
    StoredFolder attempts = target.child(".training-" + UUID.randomUUID());
    try (HeldModel.Lease<TrainingBase> lease = TrainingBase.lease(base, baseFolder);
        WrittenMixture mixture = WrittenMixture.open(target, lease.model().model())) {
      TrainingBase opened = lease.model();
      MixtureTrainer trainer =
          opened.trainer(mixture.directory().state().prompts(), settings); // finds no natives now
      DomainTask task =
          new DomainTask(
              base,
              baseFolder,
              opened.model().fingerprint(),
              mixture.snapshot(),
              data,
              settings,
              attempts);
      Training training = run(spark, longestFirst(data, names), task);
      store(training, trainer, mixture, attempts);
      mixture.publish();
      training.throwIfIncomplete(names);
      return mixture.directory().state();
    } finally {
      attempts.delete();
      HeldModel.free();
    }
  }

  /** Every domain of the folder that has examples, sorted; all names are checked. */
  private static List<String> names(StoredFolder data) {
    List<String> names = data.folders().stream().filter(name -> !name.startsWith(".")).toList();
    for (String name : names) {
      DomainNames.check(name);
      if (!data.child(name).has(TRAIN)) {
        throw new MoaException(
            "%s has no %s; expected the folder of a domain".formatted(data.child(name), TRAIN));
      }
    }
    if (names.isEmpty()) {
      throw new MoaException(
          "%s holds no domains; expected at least one folder with %s in it".formatted(data, TRAIN));
    }
    return names;
  }

  /** So that no machine begins the longest training when the others are about to end. */
  private static List<String> longestFirst(StoredFolder data, List<String> names) {
    Map<String, Long> sizes = new TreeMap<>();
    names.forEach(name -> sizes.put(name, data.child(name).size()));
    return names.stream()
        .sorted(Comparator.<String, Long>comparing(sizes::get).reversed())
        .toList();
  }

  /** What came of the tasks, by domain. */
  private record Training(Map<String, Attempt> attempts, List<RuntimeException> failures) {

    void throwIfIncomplete(List<String> names) {
      Map<String, String> reasons = new TreeMap<>();
      for (String name : names) {
        Attempt attempt = attempts.get(name);
        if (attempt == null) {
          reasons.put(name, "its task failed too often");
        } else if (attempt.refusal() != null) {
          reasons.put(name, attempt.refusal());
        }
      }
      if (!reasons.isEmpty()) {
        throw new MoaException(
            "%d of %d domains could not be trained: %s. The others are in the mixture."
                .formatted(reasons.size(), names.size(), reasons),
            failures.isEmpty() ? null : failures.get(0));
      }
    }
  }

  private static Training run(SparkSession spark, List<String> names, DomainTask task) {
    RDD<String> domains =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(names, names.size())
            .rdd();
    ClassTag<Attempt> type = ClassTag$.MODULE$.apply(Attempt.class);
    Training training = new Training(new TreeMap<>(), new ArrayList<>());
    try {
      spark
          .sparkContext()
          .runJob(
              domains,
              task,
              (index, attempt) -> {
                training.attempts().put(attempt.domain(), attempt);
                return BoxedUnit.UNIT;
              },
              type);
    } catch (RuntimeException e) {
      training.failures().add(e);
    }
    return training;
  }

  private static void store(
      Training training, MixtureTrainer trainer, WrittenMixture mixture, StoredFolder attempts) {
    List<TrainedDomain> trained = new ArrayList<>();
    try (LocalFolder local = LocalFolder.create()) {
      for (Attempt attempt : training.attempts().values()) {
        if (attempt.refusal() == null) {
          Path files = local.path().resolve(attempt.domain());
          attempts.child(attempt.folder()).fetch(files);
          attempt.check(files);
          trained.add(
              TrainedDomainFolder.read(files, mixture.directory().state().baseFingerprint()));
        }
      }
      trained.forEach(domain -> trainer.store(mixture.directory(), domain));
      if (!trained.isEmpty()) {
        trainer.trainRouters(mixture.directory(), trained);
      }
    }
  }
}
