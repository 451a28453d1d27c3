package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A mixture in format version 1, written before its rooms had their present names: two domains, one
 * of them replaced once, both routers, statistics and provenance. What it said then it says now.
 */
class MixtureFormatTest {

  private static final Path STORED = Path.of("src/test/resources/mixture-format-1");

  @TempDir private Path folder;
  private Path base;
  private Path mixture;

  @BeforeEach
  void copyMixture() throws IOException {
    base = TestMixture.writeBase(folder.resolve("base"), TestMixture.HIDDEN);
    mixture = folder.resolve("mixture");
    try (Stream<Path> files = Files.walk(STORED)) {
      for (Path file : files.toList()) {
        Files.copy(file, mixture.resolve(STORED.relativize(file).toString()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "LAYERWISE; colours; 100; 0.9995738163858782; 571 1767 2090 3232 3553 333 60 3553",
        "LAYERWISE; numbers; 100; 0.0032774681372341; 2668 1542 2523 211 2725 3463 2952 1348",
        "RIDGE; colours; 101; 0.9849593919568327; 3806 1906 4028 1667 4028 3553 333 3806",
        "RIDGE; numbers; 101; 0.0024859138198703; 3844 3553 1767 593 593 1767 2488 3553",
      })
  void answersAsItDid(RouterKind kind, String domain, int seed, double colours, String tokens) {
    try (MixtureOfLoras opened = MixtureOfLoras.builder(mixture).base(base).router(kind).open()) {
      Answer answer =
          opened.generate(
              Question.of(TestMixture.prompt(domain, seed)).with(GenerationOptions.greedy(8)));

      assertThat(answer.decision().chosen()).contains(domain);
      assertThat(answer.decision().probabilities().get("colours")).isCloseTo(colours, within(1e-5));
      assertThat(answer.generation().tokens())
          .containsExactly(Stream.of(tokens.split(" ")).mapToInt(Integer::parseInt).toArray());
    }
  }

  @Test
  void itsStatisticsStillTeachARouter() {
    MixtureState state = MixtureDirectory.open(mixture).state();
    String fingerprint = state.baseFingerprint();
    DomainStatistics colours =
        DomainStatistics.read(
            state.adapterDirectory("colours").resolve(DomainStatistics.FILE_NAME), fingerprint);
    RidgeRouter stored =
        (RidgeRouter)
            StoredRouters.read(
                state.routerDirectory().orElseThrow(), RouterKind.RIDGE, fingerprint);

    assertThat(colours.count()).isEqualTo(21);
    assertThat(colours.heldOutCount()).isEqualTo(3);
    assertThat(stored.states()).isEqualTo(colours.states());
    assertThat(stored.pooling()).isEqualTo(colours.pooling());
    assertThat(RidgeRouter.fit(List.of(colours), RidgeSettings.defaults()).layers())
        .allMatch(layer -> layer.width() == stored.layers().get(0).width());
  }
}
