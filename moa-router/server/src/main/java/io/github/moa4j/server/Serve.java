package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionKeys;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.access.AuditFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a mixture over HTTP, as OpenAI's clients expect it, with a page to chat. */
@Command(
    name = "Serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description =
        "Serves a mixture over HTTP as OpenAI's clients expect it, and a page to chat with it at"
            + " '/'. It ends with the process, once the answers under way are whole.")
public final class Serve implements Callable<Integer> {

  private static final ServerSettings DEFAULTS = ServerSettings.defaults();

  /** How long the server and the mixture may take to close when all answers are done. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  @Option(
      names = "--mixture",
      defaultValue = "moa-quickstart/mixture",
      description = "The mixture.")
  private Path mixture = Path.of("");

  @Option(names = "--base", description = "Its base. Default: where the mixture says.")
  private Optional<Path> base = Optional.empty();

  @Option(
      names = "--weights",
      description =
          "How the base computes: ${COMPLETION-CANDIDATES}. Default: what is faster here.")
  private Optional<WeightFormat> weights = Optional.empty();

  @Option(names = "--router", defaultValue = "RIDGE", description = "${COMPLETION-CANDIDATES}.")
  private RouterKind router = RouterKind.RIDGE;

  @Option(
      names = "--context",
      defaultValue = "2147483647",
      description = "Most tokens of a prompt and its answer together; the base may allow fewer.")
  private int context = Integer.MAX_VALUE;

  @Option(names = "--queue", defaultValue = "1024", description = "Most answers that wait.")
  private int queue = 1024;

  @Option(names = "--host", defaultValue = "127.0.0.1", description = "The address to listen on.")
  private String host = DEFAULTS.host();

  @Option(names = "--port", defaultValue = "8080", description = "0 for any that is free.")
  private int port = DEFAULTS.port();

  @Option(names = "--base-name", defaultValue = "base", description = "The base as a model's name.")
  private String baseName = DEFAULTS.baseName();

  @Option(
      names = "--keys",
      description = "A JSON file of who may ask which domains. Default: everybody all.")
  private Optional<Path> keys = Optional.empty();

  @Option(names = "--requests", defaultValue = "256", description = "Most requests at a time.")
  private int requests = DEFAULTS.mostRequests();

  @Option(names = "--body-bytes", defaultValue = "4194304", description = "Longest request.")
  private int bodyBytes = DEFAULTS.mostBodyBytes();

  @Option(names = "--new-tokens", defaultValue = "1024", description = "Longest answer.")
  private int newTokens = DEFAULTS.mostNewTokens();

  @Option(names = "--choices", defaultValue = "8", description = "Most answers to one request.")
  private int choices = DEFAULTS.mostChoices();

  @Option(names = "--temperature", defaultValue = "0", description = "Where a request says none.")
  private double temperature;

  @Option(names = "--time-limit", defaultValue = "PT10M", description = "Longest request.")
  private Duration timeLimit = DEFAULTS.timeLimit();

  @Option(
      names = "--patience",
      defaultValue = "PT30S",
      description = "How long answers under way may go on when the process is told to end.")
  private Duration patience = Duration.ofSeconds(30);

  @Option(
      names = "--adapter-folder",
      description = "Lets requests load adapters from there, unload and reload. Default: none may.")
  private Optional<Path> adapterFolder = Optional.empty();

  @Option(
      names = "--encryption-keys",
      paramLabel = "FILE",
      description = "The keys of an encrypted mixture, JSON. Default: it is not encrypted.")
  private Optional<Path> encryptionKeys = Optional.empty();

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description = "Records there who got which adapter, JSON Lines. Default: nowhere.")
  private Optional<Path> audit = Optional.empty();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] arguments) {
    CommandLine command =
        new CommandLine(new Serve())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(
                (exception, line, parsed) -> {
                  if (!(exception instanceof MoaException)) {
                    throw exception;
                  }
                  line.getErr().println("Error: " + exception.getMessage());
                  line.getErr().flush();
                  return 1;
                });
    System.exit(command.execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerSettings settings = valid(this::settings);
    MixtureBuilder builder =
        valid(
            () ->
                MixtureOfLoras.builder(mixture)
                    .weightFormat(weights.orElseGet(WeightFormat::fastest))
                    .router(router)
                    .contextLength(context)
                    .queueLimit(queue)
                    .exitPatience(patience.plus(CLOSING)));
    base.ifPresent(builder::base);
    encryptionKeys.map(EncryptionKeys::read).map(Encryption::with).ifPresent(builder::encryption);
    if (audit.isEmpty()) {
      serve(builder, settings);
    } else {
      try (AuditFile records = AuditFile.open(audit.get())) {
        serve(builder.audit(records), settings);
      }
    }
    return 0;
  }

  private void serve(MixtureBuilder builder, ServerSettings settings) throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (MixtureOfLoras opened = builder.open();
        MoaServer server = MoaServer.start(opened, settings)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, ended), "moa4j-server-exit"));
      PrintWriter out = spec.commandLine().getOut();
      out.println("Serving " + mixture + " at http://" + host + ":" + server.port() + "/");
      out.flush();
      told.await();
      server.close(patience);
    } finally {
      ended.countDown();
    }
  }

  /** Lets the exit of the JVM wait until all is closed. */
  private static void end(CountDownLatch told, CountDownLatch ended) {
    told.countDown();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServerSettings settings() {
    ServerSettings.Builder settings =
        ServerSettings.builder()
            .host(host)
            .port(port)
            .baseName(baseName)
            .mostRequests(requests)
            .mostBodyBytes(bodyBytes)
            .mostNewTokens(newTokens)
            .mostChoices(choices)
            .temperature(temperature)
            .timeLimit(timeLimit);
    keys.map(ApiKeys::read).ifPresent(settings::keys);
    adapterFolder.ifPresent(settings::adapterFolder);
    return settings.build();
  }

  /** Makes something of the user's arguments; a value that is refused is bad input. */
  private static <T> T valid(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new MoaException("An argument has a value out of range: " + e.getMessage() + ".", e);
    }
  }
}
