package io.github.moa4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateFilesTest {

  @TempDir private Path folder;

  @Test
  void temporaryFoldersComeAndGoBesideOneAnother() throws Exception {
    IntStream.range(0, 4)
        .parallel()
        .forEach(
            thread -> {
              for (int i = 0; i < 200; i++) {
                PrivateFiles.deleteTemporaryFolder(
                    PrivateFiles.createTemporaryFolder(folder, "some-", MoaException::new));
              }
            });
    assertThat(DurableFiles.list(folder)).isEmpty();
  }
}
