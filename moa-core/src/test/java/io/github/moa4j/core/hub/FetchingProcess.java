package io.github.moa4j.core.hub;

import com.fasterxml.jackson.annotation.JacksonAnnotation;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;

/** A program that fetches a model into a cache and says where it lies. */
final class FetchingProcess {

  private FetchingProcess() {}

  /** Fetches {@code org/name} from the hub named first into the cache named second. */
  public static void main(String[] arguments) {
    HubEnvironment environment =
        new HubEnvironment(
            Path.of(arguments[1]),
            URI.create(arguments[0]),
            Optional.empty(),
            false,
            ProxySelector.of(null));
    System.out.println(Base.of("org/name").with(environment).fetch());
  }

  static Process start(URI hub, Path cache) throws IOException {
    String classPath =
        Stream.of(
                FetchingProcess.class,
                Base.class,
                ObjectMapper.class,
                JsonFactory.class,
                JacksonAnnotation.class,
                Logger.class)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .map(path -> new File(path).getPath())
            .collect(Collectors.joining(File.pathSeparator));
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dslf4j.internal.verbosity=ERROR",
                "-Xmx64m",
                "-cp",
                classPath,
                FetchingProcess.class.getName(),
                hub.toString(),
                cache.toString()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
