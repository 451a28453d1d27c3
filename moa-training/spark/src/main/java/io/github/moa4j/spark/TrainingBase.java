package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;

/**
 * A base that this JVM trains on. Owns its native memory.
 *
 * @param files its files on this machine
 * @param model the base itself
 * @param tokenizer the base's
 */
record TrainingBase(BaseFiles files, BaseModel model, TextTokenizer tokenizer)
    implements AutoCloseable {

  /** Takes this JVM's base, after loading it if it is not there; to be closed after use. */
  static HeldModel.Lease<TrainingBase> lease(SparkBase base, StoredFolder stored) {
    return HeldModel.lease(base, TrainingBase.class, () -> load(base, stored));
  }

  private static TrainingBase load(SparkBase base, StoredFolder stored) {
    BaseFiles files = BaseFiles.of(stored);
    try {
      TextTokenizer tokenizer = TextTokenizer.open(files.path());
      try {
        return new TrainingBase(
            files, BaseModel.load(files.path(), base.weightFormat()), tokenizer);
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /**
   * Checks that this is the base that the driver has.
   *
   * @throws MoaException if it is another
   */
  void check(String fingerprint) {
    if (!model.fingerprint().equals(fingerprint)) {
      throw new MoaException(
          "The base in "
              + model.directory()
              + " has the fingerprint "
              + model.fingerprint()
              + " on this machine, but "
              + fingerprint
              + " on the driver's. Put the same files on both.");
    }
  }

  MixtureTrainer trainer(PromptSettings prompts, MixtureTrainingSettings settings) {
    return new MixtureTrainer(
        model, MixturePrompts.encoder(prompts, files.path(), tokenizer), settings);
  }

  @Override
  public void close() {
    model.close();
    tokenizer.close();
    files.close();
  }
}
