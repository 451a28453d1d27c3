package io.github.moa4j.router;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a mixture of two domains that is written anew for each of them. */
public abstract class MixtureTest {

  @TempDir protected Path folder;
  protected TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  protected final MixtureOfLoras open() {
    return MixtureOfLoras.builder(files.directory.directory()).open();
  }
}
