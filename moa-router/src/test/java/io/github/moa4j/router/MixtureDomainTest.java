package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.router.access.Caller;
import io.github.moa4j.router.routing.internal.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions of a domain's adapter in a mixture that answers. */
class MixtureDomainTest {

  @TempDir private Path folder;
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
    files.directory.replaceDomain("colours", files.adapter(3));
  }

  private MixtureOfLoras open() {
    return MixtureOfLoras.builder(files.directory.directory()).open();
  }

  private static Question question() {
    return Question.of(TestMixture.prompt("colours", 100)).with(GenerationOptions.greedy(8));
  }

  private static int[] tokens(MixtureOfLoras mixture) {
    return mixture.generate(question()).generation().tokens();
  }

  @Test
  void activatesAndRollsBackBitByBit() {
    try (MixtureOfLoras mixture = open();
        MixtureOfLoras elsewhere = open()) {
      MixtureDomain colours = mixture.domain("colours");
      int[] second = tokens(mixture);
      RoutingDecision decision = mixture.route(question());

      colours.activate(1);

      int[] first = tokens(mixture);
      assertThat(first).isNotEqualTo(second);
      assertThat(mixture.generate(question()).versions()).isEqualTo(Map.of("colours", 1));
      assertThat(mixture.route(question())).isEqualTo(decision);
      assertThat(tokens(elsewhere)).isEqualTo(second);
      elsewhere.refresh();
      assertThat(tokens(elsewhere)).isEqualTo(first);
      assertThat(colours.rollBack()).isEqualTo(2);
      assertThat(tokens(mixture)).isEqualTo(second);
      assertThat(colours.version()).isEqualTo(2);
      assertThat(colours.versions()).extracting(AdapterVersion::version).containsExactly(2, 1);
    }
  }

  @Test
  void aVersionThatCannotBeUsedChangesNothing() throws IOException {
    Path first = files.directory.adapterDirectory("colours", 1);
    Files.writeString(first.resolve("adapter_config.json"), "{");
    try (MixtureOfLoras mixture = open()) {
      int[] second = tokens(mixture);

      assertThatThrownBy(() -> mixture.domain("colours").activate(1))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("adapter_config.json");
      assertThatThrownBy(() -> mixture.domain("colours").activate(9))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("not kept");
      assertThatThrownBy(() -> mixture.domain("numbers").rollBack())
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("no version to roll back to");
      assertThatThrownBy(() -> mixture.domain("colour"))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("did you mean 'colours'?");
      assertThat(tokens(mixture)).isEqualTo(second);
      assertThat(files.directory.state().domain("colours").version()).isEqualTo(2);
    }
  }

  @Test
  void triesAVersionOutOnAShareOfTheCallers() {
    try (MixtureOfLoras mixture = open()) {
      MixtureDomain colours = mixture.domain("colours");
      colours.tryOut(1, 0.5);
      assertThat(colours.onTrial()).contains(1);

      for (int caller = 0; caller < 8; caller++) {
        Question asked = question().as(Caller.named("caller " + caller));
        int version = mixture.generate(asked).versions().get("colours");
        assertThat(version)
            .isEqualTo(
                new Trial("colours", 1, 0.5).takes(asked.caller().map(Caller::name)) ? 1 : 2);
        try (AnswerStream stream = mixture.stream(asked.inDomain("colours"))) {
          assertThat(stream.versions()).isEqualTo(Map.of("colours", version));
        }
      }
      assertThat(mixture.registry().domains()).containsExactlyInAnyOrder("colours", "numbers");

      colours.endTrial();
      assertThat(mixture.generate(question()).versions()).isEqualTo(Map.of("colours", 2));
    }
  }

  @Test
  void aTrialEndsWhenItsVersionIsGoneAndNobodyNotices() throws IOException {
    try (MixtureOfLoras mixture =
        MixtureOfLoras.builder(files.directory.directory()).adapterMemoryBudget(0).open()) {
      mixture.domain("colours").tryOut(1, 1);
      assertThat(mixture.generate(question()).versions()).isEqualTo(Map.of("colours", 1));

      DurableFiles.deleteTree(files.directory.adapterDirectory("colours", 1));

      assertThat(mixture.generate(question()).versions()).isEqualTo(Map.of("colours", 2));
      assertThat(mixture.domain("colours").onTrial()).isEmpty();
    }
  }

  @Test
  void sharesAreExactAndCallersStayWhereTheyAre() {
    Trial tenth = new Trial("sql", 2, 0.1);
    Trial half = new Trial("sql", 2, 0.5);
    List<Optional<String>> callers =
        IntStream.range(0, 10_000).mapToObj(i -> Optional.of("user" + i)).toList();

    assertThat(callers.stream().filter(tenth::takes).count()).isBetween(900L, 1100L);
    assertThat(callers.stream().filter(half::takes).count()).isBetween(4800L, 5200L);
    assertThat(callers.stream().filter(tenth::takes)).allMatch(half::takes);
    assertThat(IntStream.range(0, 1000).filter(i -> tenth.takes(Optional.empty())).count())
        .isEqualTo(100);
    assertThat(callers.stream().filter(new Trial("sql", 2, 0)::takes)).isEmpty();
    assertThat(callers.stream().filter(new Trial("sql", 2, 1)::takes)).hasSize(10_000);
    assertThatThrownBy(() -> mixtureOfShare(1.5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mixtureOfShare(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The numbers are fixed: every release and every process deals callers alike. */
  @Test
  void dealsCallersAsEveryReleaseDoes() {
    Trial half = new Trial("sql", 2, 0.5);

    assertThat(
            IntStream.range(0, 12)
                .filter(i -> half.takes(Optional.of("user" + i)))
                .boxed()
                .toList())
        .isEqualTo(GOLDEN_CALLERS);
  }

  private static final List<Integer> GOLDEN_CALLERS = List.of(0, 1, 3, 5, 6, 7, 9, 11);

  private static Trial mixtureOfShare(double share) {
    return new Trial("sql", 2, share);
  }
}
