package io.github.moa4j.spark;

import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.mixture.TrainedDomainFolder;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/**
 * Trains one domain on an executor and puts the result into a folder of this attempt's own. It
 * changes nothing else, so it may run any number of times.
 */
final class DomainTask extends AbstractFunction2<TaskContext, Iterator<String>, Attempt>
    implements Serializable {

  private static final long serialVersionUID = 1;

  private final SparkBase base;
  private final StoredFolder baseFolder;
  private final String fingerprint;
  private final MixtureSnapshot mixture;
  private final StoredFolder domains;
  private final MixtureTrainingSettings settings;
  private final StoredFolder attempts;

  /**
   * Creates it.
   *
   * @param fingerprint of the base
   * @param mixture whose prompts the domain learns from
   * @param domains holds a folder for each domain
   * @param attempts where the results go
   */
  DomainTask(
      SparkBase base,
      StoredFolder baseFolder,
      String fingerprint,
      MixtureSnapshot mixture,
      StoredFolder domains,
      MixtureTrainingSettings settings,
      StoredFolder attempts) {
    this.base = base;
    this.baseFolder = baseFolder;
    this.fingerprint = fingerprint;
    this.mixture = mixture;
    this.domains = domains;
    this.settings = settings;
    this.attempts = attempts;
  }

  @Override
  public Attempt apply(TaskContext task, Iterator<String> partition) {
    String name = partition.next();
    try (LocalFolder folder = LocalFolder.create();
        HeldModel.Lease<TrainingBase> lease = TrainingBase.lease(base, baseFolder)) {
      lease.model().check(fingerprint);
      return train(task, name, folder.path(), lease.model());
    } catch (DatasetException e) {
      return Attempt.refused(name, e.getMessage());
    }
  }

  private Attempt train(TaskContext task, String name, Path folder, TrainingBase opened) {
    Path data = folder.resolve(name);
    domains.child(name).fetch(data);
    Domain domain = Domain.read(data);
    PromptSettings prompts = mixture.describeIn(folder).state().prompts();
    MixtureTrainer trainer = opened.trainer(prompts, settings);
    TrainedDomain trained =
        trainer.train(domain, TrainingSession.fresh().withListener(stoppingWith(task)));
    Path result = folder.resolve("result");
    TrainedDomainFolder.write(trained, trainer, result);
    stopIfKilled(task);
    String attempt = name + "-" + task.taskAttemptId();
    attempts.child(attempt).store(result);
    return Attempt.trained(name, attempt, result);
  }

  /** A twin of a task that has ended, or one of a cancelled job, need not train to its end. */
  private static TrainingListener stoppingWith(TaskContext task) {
    return new TrainingListener() {
      @Override
      public void onStep(TrainingStep step) {
        stopIfKilled(task);
      }
    };
  }

  private static void stopIfKilled(TaskContext task) {
    if (task.isInterrupted()) {
      throw new TaskKilledException("the domain is not wanted any more");
    }
  }
}
