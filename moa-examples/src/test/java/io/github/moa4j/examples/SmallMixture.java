package io.github.moa4j.examples;

import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.domains.GeneratedDomain;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The embedded base, a handful of examples, and a mixture of two hardly trained domains. */
final class SmallMixture {

  /** Arguments for a training of a second or two. */
  static final List<Object> QUICK =
      List.of("--epochs", 1, "--batch-size", 8, "--rank", 2, "--precision", "F32");

  private static final List<String> DOMAINS = List.of("cron", "shell", "sql");

  final Path base;
  final Path data;
  private final Path folder;
  private int copies;

  private SmallMixture(Path folder) {
    this.folder = folder;
    this.base = ShallowBase.in(folder.resolve("base"), 2);
    this.data = folder.resolve("data");
    List<Domain> domains = new ArrayList<>();
    for (GeneratedDomain domain : GeneratedDomains.all()) {
      if (!DOMAINS.contains(domain.name())) {
        continue;
      }
      GeneratedExamples examples = domain.generate(24, 6, 1);
      domains.add(new Domain(domain.name(), examples.train(), examples.heldOut(), List.of()));
    }
    Domains.write(data, domains);
  }

  /** The one that all tests of this process share; each changes only copies of it. */
  static SmallMixture shared() {
    return Shared.MIXTURE;
  }

  private static final class Shared {

    static final SmallMixture MIXTURE = in(temporaryFolder());
  }

  private static Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("moa4j-small-mixture");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Utils.deleteQuietly(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a mixture of the domains {@code cron} and {@code shell} with the program itself. */
  private static SmallMixture in(Path folder) {
    SmallMixture small = new SmallMixture(folder);
    MixtureDirectory.create(small.original(), fingerprint(small.base), small.base.toString());
    for (String domain : List.of("cron", "shell")) {
      ProgramRun run = small.add(small.original(), domain);
      if (run.exitCode() != 0) {
        throw new AssertionError(run);
      }
    }
    return small;
  }

  private Path original() {
    return folder.resolve("mixture");
  }

  /** Runs AddDomain. */
  ProgramRun add(Path mixture, String domain, Object... more) {
    return ProgramRun.of(
        new AddDomain(), quick("--mixture", mixture, "--data", data.resolve(domain), more));
  }

  /** Arguments, arrays among them unpacked, and those for a quick training. */
  static Object[] quick(Object... arguments) {
    return and(QUICK, arguments);
  }

  /** Both lists of arguments, arrays among them unpacked. */
  static Object[] and(List<Object> some, Object... more) {
    return Stream.concat(some.stream(), Arrays.stream(more))
        .flatMap(
            argument ->
                argument instanceof Object[] several ? Arrays.stream(several) : Stream.of(argument))
        .toArray();
  }

  /** A copy that a test may change. */
  Path copy() {
    Path target = folder.resolve("copy-" + copies++);
    copy(original(), target);
    return target;
  }

  /** A base that differs from the embedded one in one weight. */
  Path otherBase() {
    Path target = folder.resolve("other-base-" + copies++);
    copy(base, target);
    try {
      Path weights = target.resolve("model.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 2] ^= 4;
      Files.write(weights, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  static String fingerprint(Path base) {
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      return checkpoint.fingerprint();
    }
  }

  /** The domains that a stored router knows, without its class for prompts of none of them. */
  static List<String> routed(MixtureState state, RouterKind kind) {
    Path folder = state.routerDirectory().orElseThrow();
    return StoredRouters.read(folder, kind, state.baseFingerprint()).domains().stream()
        .filter(domain -> !domain.equals(RouterDomains.NONE_OF_THESE))
        .toList();
  }

  /** The files of an adapter as another tool would have written them. */
  static Path peftFilesOf(Path folder, Path adapter) {
    Path target = folder.resolve("peft");
    try {
      Files.createDirectories(target);
      for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
        Files.copy(adapter.resolve(name), target.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  /** Makes an adapter apply from tokens of the prompt on. */
  static void activate(Path adapter, int... invocation) throws IOException {
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    ArrayNode tokens = config.putArray("alora_invocation_tokens");
    IntStream.of(invocation).forEach(tokens::add);
    Files.writeString(file, config.toString());
  }

  private static void copy(Path source, Path target) {
    try (Stream<Path> paths = Files.walk(source)) {
      for (Path path : paths.toList()) {
        Files.copy(path, target.resolve(source.relativize(path).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
