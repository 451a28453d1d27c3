package io.github.moa4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import scala.Option;

/**
 * A cluster of this machine, started once for all tests: a master, two workers, and an executor of
 * each in a JVM of its own. The workers have different names, so that Spark takes them for two
 * machines: only then it starts a second attempt of what takes longer than the rest, which it does
 * early here.
 */
final class TestCluster implements BeforeAllCallback {

  private static final List<String> HOSTS = List.of("127.0.0.1", "localhost");

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(Namespace.create(TestCluster.class))
        .getOrComputeIfAbsent(Running.class, key -> start(2), Running.class);
  }

  /** A cluster, until it is closed. */
  record Running(SparkSession session, List<RpcEnv> processes) implements AutoCloseable {

    @Override
    public void close() {
      session.stop();
      processes.forEach(RpcEnv::shutdown);
      processes.forEach(RpcEnv::awaitTermination);
    }
  }

  /** Returns the session of the tests. */
  static SparkSession session() {
    return SparkSession.active();
  }

  /** Starts a cluster of so many executors. */
  static Running start(int executors) {
    Path home = Path.of(System.getenv("SPARK_HOME"));
    try {
      Files.createDirectories(home.resolve("jars"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    SparkConf quiet = new SparkConf().set("spark.ui.enabled", "false");
    List<RpcEnv> processes = new ArrayList<>();
    processes.add(Master.startRpcEnvAndEndpoint(HOSTS.get(0), 0, 0, quiet)._1());
    String master = "spark://" + processes.get(0).address().hostPort();
    for (int i = 0; i < executors; i++) {
      processes.add(
          0,
          Worker.startRpcEnvAndEndpoint(
              HOSTS.get(i % HOSTS.size()),
              0,
              0,
              1,
              1024,
              new String[] {master},
              home.resolve("work").toString(),
              Option.apply((Object) i),
              quiet,
              Option.empty()));
    }
    return new Running(session(master), processes);
  }

  private static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("moa-spark")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "768m")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config(
            "spark.executor.extraJavaOptions",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dai.djl.offline=true"
                + " -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dfaulty.folder="
                + FaultyFileSystem.FAULTS)
        .config("spark.local.dir", Path.of("target", "spark-local").toAbsolutePath().toString())
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.speculation", "true")
        .config("spark.speculation.interval", "200ms")
        .config("spark.speculation.quantile", "0.5")
        .config("spark.speculation.multiplier", "1.2")
        .config("spark.speculation.minTaskRuntime", "1s")
        .config("spark.hadoop.fs.faulty.impl", FaultyFileSystem.class.getName())
        .config(
            "spark.hadoop.fs.AbstractFileSystem.faulty.impl",
            FaultyFileSystem.Context.class.getName())
        .getOrCreate();
  }
}
