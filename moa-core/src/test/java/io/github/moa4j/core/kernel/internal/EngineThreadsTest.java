package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Each in a JVM of its own, whose OpenMP library tells by what it goes ({@code OMP_DISPLAY_ENV}).
 */
@EnabledOnOs(OS.LINUX)
final class EngineThreadsTest {

  private static final String ENGINES_OWN = "-Dmoa4j.openmp=none";

  private static String run(Map<String, String> environment, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), EngineThreadsProgram.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("(OMP|GOMP|MKL|KMP)_.*"));
    builder.environment().put("OMP_DISPLAY_ENV", "VERBOSE");
    builder.environment().putAll(environment);
    try (var output = builder.start().getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void threadsLookForWorkForAMomentAndAreNoMoreThanTheJvmHasProcessors() throws IOException {
    assertThat(run(Map.of(), ENGINES_OWN, "-XX:ActiveProcessorCount=1"))
        .contains("OMP_WAIT_POLICY = 'ACTIVE'")
        .contains("GOMP_SPINCOUNT = '20000'")
        .contains("threads 1")
        .contains("left behind null");
  }

  @Test
  void whatTheEnvironmentSaysStays() throws IOException {
    Map<String, String> chosen = Map.of("OMP_WAIT_POLICY", "passive", "OMP_NUM_THREADS", "2");
    assertThat(run(chosen, ENGINES_OWN, "-XX:ActiveProcessorCount=1"))
        .contains("OMP_WAIT_POLICY = 'PASSIVE'")
        .contains("GOMP_SPINCOUNT = '0'")
        .contains("threads 2");
  }

  @Test
  void systemPropertiesTakeThePlaceOfThePolicyAndOfTheEnvironment() throws IOException {
    assertThat(
            run(
                Map.of("GOMP_SPINCOUNT", "7"),
                ENGINES_OWN,
                "-DGOMP_SPINCOUNT=123",
                "-Dai.djl.pytorch.num_threads=2",
                "-XX:ActiveProcessorCount=1"))
        .contains("OMP_WAIT_POLICY = 'PASSIVE'") // OpenMP's own word for not set
        .contains("GOMP_SPINCOUNT = '123'")
        .contains("threads 2");
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void theLibraryForThreadsOfTheClassPathTakesThePlaceOfTheEnginesOwn() throws IOException {
    assertThat(run(Map.of(), "-XX:ActiveProcessorCount=1"))
        .contains("KMP_BLOCKTIME='1'")
        .contains("threads 1")
        .contains("left behind null");
    assertThat(run(Map.of("KMP_BLOCKTIME", "7", "OMP_NUM_THREADS", "2")))
        .contains("KMP_BLOCKTIME='7'")
        .contains("threads 2");
    assertThat(run(Map.of("OMP_WAIT_POLICY", "passive"))).contains("KMP_BLOCKTIME='0'");
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void aLibraryForThreadsThatIsNoneLeavesTheEngineItsOwn() throws IOException {
    assertThat(run(Map.of(), "-Dmoa4j.openmp=/nowhere/libomp.so", "-XX:ActiveProcessorCount=1"))
        .contains("Cannot load /nowhere/libomp.so")
        .contains("GOMP_SPINCOUNT = '20000'")
        .contains("threads 1");
  }
}
