package io.github.moa4j.spark;

import io.github.moa4j.router.MixtureOfLoras;

/**
 * A mixture that this JVM answers with. Owns its native memory and its copies of files.
 *
 * @param mixture a state of it, of which nothing is committed any more
 */
record AnsweringMixture(MixtureOfLoras mixture, BaseFiles base, LocalFolder copy)
    implements AutoCloseable {

  /** Takes this JVM's mixture, after loading it if it is not there; to be closed after use. */
  static HeldModel.Lease<AnsweringMixture> lease(
      SparkMixture settings, StoredFolder base, MixtureSnapshot snapshot) {
    record Key(SparkMixture settings, String manifest) {}
    return HeldModel.lease(
        new Key(settings, snapshot.manifest()),
        AnsweringMixture.class,
        () -> load(settings, base, snapshot));
  }

  private static AnsweringMixture load(
      SparkMixture settings, StoredFolder base, MixtureSnapshot snapshot) {
    LocalFolder copy = LocalFolder.create();
    try {
      snapshot.fetchInto(copy.path());
      BaseFiles files = BaseFiles.of(base);
      try {
        return new AnsweringMixture(open(settings, files, copy), files, copy);
      } catch (RuntimeException e) {
        files.close();
        throw e;
      }
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  /**
   * No keys and values are kept of ended answers: they are not in every bit those of a whole
   * prompt, so that an answer would depend on which questions came before it.
   */
  private static MixtureOfLoras open(SparkMixture settings, BaseFiles base, LocalFolder copy) {
    return MixtureOfLoras.builder(copy.path())
        .base(base.path())
        .weightFormat(settings.base().weightFormat())
        .contextLength(settings.contextLength())
        .prefixMemoryBudget(0)
        .queueLimit(Integer.MAX_VALUE)
        .open();
  }

  @Override
  public void close() {
    mixture.close();
    base.close();
    copy.close();
  }
}
