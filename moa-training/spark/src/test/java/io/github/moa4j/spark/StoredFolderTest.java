package io.github.moa4j.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In HDFS, and in what behaves as a store of objects does. */
final class StoredFolderTest {

  private static MiniDFSCluster hdfs;

  @TempDir private static Path disks;
  @TempDir private Path local;

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disks.toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    hdfs.waitActive();
  }

  @AfterAll
  static void stop() {
    hdfs.shutdown();
  }

  /** Shows a file when it is closed, and renames nothing. */
  public static final class Objects extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("objects:///");
    }

    @Override
    public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability) {
      return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM);
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
      throw new AssertionError("objects have no rename");
    }
  }

  private static StoredFolder inHdfs(String folder) throws IOException {
    return new StoredFolder(
        hdfs.getFileSystem().getUri() + "/" + folder,
        new SerializableConfiguration(hdfs.getConfiguration(0)));
  }

  private StoredFolder inObjects() {
    Configuration configuration = new Configuration();
    configuration.set("fs.objects.impl", Objects.class.getName());
    return new StoredFolder(
        "objects:" + local.resolve("objects"), new SerializableConfiguration(configuration));
  }

  @Test
  void foldersComeBackAsTheyWereStored() throws IOException {
    Path source = Files.createDirectories(local.resolve("source"));
    Files.createDirectories(source.resolve("inner"));
    Files.writeString(source.resolve("inner").resolve("file"), "text");
    for (StoredFolder folder : new StoredFolder[] {inHdfs("stored"), inObjects()}) {
      folder.child("a").child("b").store(source);
      Path back = local.resolve("back-" + folder.hashCode());
      folder.child("a").fetch(back);

      assertThat(folder.folders()).containsExactly("a");
      assertThat(folder.child("a").size()).isEqualTo(4);
      assertThat(back.resolve("b").resolve("inner").resolve("file")).hasContent("text");
      folder.delete();
      assertThat(folder.has("a")).isFalse();
    }
  }

  @Test
  void aFileIsReplacedInOneStep() throws IOException {
    for (StoredFolder folder : new StoredFolder[] {inHdfs("replaced"), inObjects()}) {
      folder.replace("moa.json", "old".getBytes(UTF_8));
      folder.replace("moa.json", "new".getBytes(UTF_8));

      assertThat(folder.read("moa.json")).asString(UTF_8).isEqualTo("new");
    }
    assertThat(hdfs.getFileSystem().listStatus(new org.apache.hadoop.fs.Path("/replaced")))
        .hasSize(1);
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    StoredFolder folder = inHdfs("nowhere");

    assertThatThrownBy(() -> folder.read("moa.json"))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("/nowhere");
    assertThatThrownBy(() -> inHdfs("nowhere").fetch(local.resolve("x")))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("/nowhere");
  }
}
