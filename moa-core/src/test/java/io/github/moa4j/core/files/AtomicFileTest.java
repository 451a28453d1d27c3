package io.github.moa4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is written whole or not at all, and dead writers cost no space. */
final class AtomicFileTest {

  @TempDir private Path folder;

  @Test
  void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[10]));
                      throw new IOException("No space left on device");
                    },
                    MoaException::new))
        .isInstanceOf(MoaException.class)
        .hasMessage("Cannot write " + file + ": No space left on device.");
    assertThat(file).hasContent("old");
    assertThat(DurableFiles.list(folder)).containsExactly(file);
  }

  @Test
  void putsNoFileInThePlaceOfADeviceAPipeOrASocket() throws IOException {
    Path socket = folder.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Path link = Files.createSymbolicLink(folder.resolve("link"), socket);

      for (Path target : List.of(socket, link)) {
        assertThatThrownBy(() -> AtomicFile.write(target, new byte[10], MoaException::new))
            .isInstanceOf(MoaException.class)
            .hasMessageStartingWith("Cannot write " + target + ": it is a device");
      }
      assertThat(Files.readAttributes(socket, BasicFileAttributes.class).isOther()).isTrue();
      assertThat(link).isSymbolicLink();
    }
  }

  @Test
  void deletesWhatDeadWritersLeftBeforeItWrites() throws IOException {
    Path file = folder.resolve("file");
    Path dead = leftover(file, Integer.MAX_VALUE);
    Path ofOurNumber = leftover(file, ProcessHandle.current().pid());
    Path alive = leftover(file, ProcessHandle.current().parent().orElseThrow().pid());
    Path ofAnotherFile = leftover(folder.resolve("other"), Integer.MAX_VALUE);
    Path foreign = Files.createFile(folder.resolve(".file.mine.tmp"));
    AtomicFile.write(file, channel -> assertThat(dead).doesNotExist(), MoaException::new);
    assertThat(DurableFiles.list(folder)).contains(alive, ofAnotherFile, foreign, file);
    assertThat(ofOurNumber).doesNotExist();
  }

  private static Path leftover(Path target, long process) throws IOException {
    return Files.createFile(
        target.resolveSibling(
            "." + target.getFileName() + "." + process + "-" + UUID.randomUUID() + ".tmp"));
  }

  @Test
  void writersAtTheSameTimeLeaveOneOfThemWhole() throws IOException {
    Path file = folder.resolve("file");
    IntStream.range(0, 40)
        .parallel()
        .forEach(
            i -> {
              byte[] content = new byte[100_000];
              java.util.Arrays.fill(content, (byte) i);
              AtomicFile.write(file, content, MoaException::new);
            });
    byte[] content = Files.readAllBytes(file);
    assertThat(content).hasSize(100_000).containsOnly(content[0]);
    assertThat(DurableFiles.list(folder)).containsExactly(file);
  }

  @Test
  void refusesFolderThatIsMissingAndTargetThatIsAFolder() throws IOException {
    Path target = folder.resolve("missing/file");
    assertThatThrownBy(() -> AtomicFile.write(target, new byte[0], MoaException::new))
        .hasMessageContaining("folder does not exist");
    Path full = Files.createDirectories(folder.resolve("full/inner")).getParent();
    assertThatThrownBy(() -> AtomicFile.write(full, new byte[0], MoaException::new))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("Cannot write " + full);
  }

  @Test
  void tellsWhyAPathIsNoFolder() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop); // there, but nobody can look at it

    assertThat(Failure.noFolder(folder.resolve("nowhere"))).isEqualTo("does not exist");
    assertThat(Failure.noFolder(Files.createFile(folder.resolve("file"))))
        .isEqualTo("is not a folder");
    assertThat(Failure.noFolder(loop)).startsWith("cannot be read: ");
  }
}
