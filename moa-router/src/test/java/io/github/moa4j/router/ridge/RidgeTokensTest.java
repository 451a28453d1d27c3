package io.github.moa4j.router.ridge;

import static io.github.moa4j.router.SyntheticDomains.ALL_STATES;
import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.HIDDEN_SIZE;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.withTokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RouterSuite;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.GeneralStatistics;
import io.github.moa4j.router.statistics.internal.TokenGrams;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ridge router of statistics that know the prompts' tokens. */
class RidgeTokensTest extends RouterSuite {

  private static final List<String> DOMAINS = List.of("sql", "shell", "math", "cron");
  private static final RidgeSettings SETTINGS = RidgeSettings.defaults();

  @TempDir Path folder;

  private static DomainStatistics statistics(String domain) {
    return statistics(domain, withTokens(domain, prompts(domain, 80, 1)));
  }

  private static DomainStatistics statistics(String domain, List<PromptStates> prompts) {
    DomainStatistics statistics =
        DomainStatistics.empty(domain, Pooling.MEAN, ALL_STATES, HIDDEN_SIZE);
    statistics.add(prompts);
    return statistics;
  }

  private static List<DomainStatistics> all() {
    return DOMAINS.stream().map(RidgeTokensTest::statistics).toList();
  }

  @Override
  protected RidgeRouter router() {
    return RidgeRouter.fit(all(), SETTINGS);
  }

  @Override
  protected Router withThreshold(double threshold) {
    return router().withAbstentionThreshold(threshold);
  }

  @Override
  protected Router again(Path directory) {
    RidgeRouter ridge = router();
    new StoredRouters(LayerwiseRouter.of(ridge.domains(), ridge.pooling(), ridge.layers()), ridge)
        .write(directory, BASE);
    return StoredRouters.read(directory, RouterKind.RIDGE, BASE);
  }

  @Test
  void tellsDomainsApartWhoseStatesAreTheSame() {
    List<DomainStatistics> alike =
        DOMAINS.stream()
            .map(domain -> statistics(domain, withTokens(domain, prompts("any", 80, 1))))
            .toList();
    RidgeRouter router = RidgeRouter.fit(alike, SETTINGS);
    for (String domain : DOMAINS) {
      for (PromptStates prompt : withTokens(domain, prompts("any", 20, 2))) {
        assertThat(router.route(prompt).mostProbable()).isEqualTo(domain);
      }
    }
  }

  @Test
  void isSureOnlyWhereStatesAndTokensAgree() {
    RidgeRouter router = router();
    List<PromptStates> sql = prompts("sql", 20, 3);
    PromptStates agreeing = withTokens("sql", sql).get(0);
    PromptStates atOdds = withTokens("math", sql).get(0);
    assertThat(router.route(agreeing).confidence()).isGreaterThan(0.9);
    assertThat(router.route(atOdds).confidence()).isLessThan(0.6);
  }

  @Test
  void decidesByItsStatesAloneWhereThePromptsTokensAreNotKnown() {
    List<DomainStatistics> untold =
        DOMAINS.stream().map(domain -> statistics(domain, prompts(domain, 80, 1))).toList();
    RidgeRouter ofStates = RidgeRouter.fit(untold, SETTINGS);
    assertThat(ofStates.tokens()).isEmpty();
    PromptStates prompt = prompts("sql", 1, 9).get(0);
    assertThat(router().route(prompt)).isEqualTo(ofStates.route(prompt));
  }

  @Test
  void aDomainWhoseTokensAreNotKnownLeavesARouterOfStates() {
    List<DomainStatistics> mixed = new ArrayList<>(all().subList(0, 3));
    mixed.add(statistics("cron", prompts("cron", 80, 1)));
    assertThat(RidgeRouter.fit(mixed, SETTINGS).tokens()).isEmpty();

    DomainStatistics later = statistics("cron", prompts("cron", 20, 1));
    later.add(withTokens("cron", prompts("cron", 20, 2)));
    assertThat(later.gramCounts()).as("of some prompts only").isEmpty();
    assertThat(later.heldOutGrams()).isEmpty();
  }

  @Test
  void countsTokensOfMorePromptsThanItKnowsTheStatesOf() {
    List<int[]> more =
        withTokens("sql", prompts("sql", 30, 2)).stream().map(PromptStates::tokens).toList();
    DomainStatistics sql = statistics("sql");
    int[] before = sql.gramCounts();
    sql.countTokens(more);
    int[] counted = sql.gramCounts();
    for (int[] prompt : more) {
      for (int bin : TokenGrams.of(prompt)) {
        before[bin]++;
      }
    }
    assertThat(counted).isEqualTo(before);
    assertThat(sql.count()).isEqualTo(statistics("sql").count());
    assertThat(sql.heldOutGrams()).hasSameSizeAs(statistics("sql").heldOutGrams());

    DomainStatistics untold = statistics("sql", prompts("sql", 80, 1));
    untold.countTokens(more);
    assertThat(untold.gramCounts()).as("of some prompts only").isEmpty();
  }

  @Test
  void isFittedAgainFromStoredStatisticsBitByBit() {
    List<DomainStatistics> written = all();
    List<DomainStatistics> read = new ArrayList<>();
    for (DomainStatistics domain : written) {
      Path file = folder.resolve(domain.domain() + ".safetensors");
      domain.write(file, BASE);
      read.add(DomainStatistics.read(file, BASE));
    }
    assertThat(read.get(0).gramCounts()).isEqualTo(written.get(0).gramCounts());
    assertThat(read.get(0).heldOutGrams())
        .usingRecursiveComparison()
        .isEqualTo(written.get(0).heldOutGrams());
    assertSameTokens(RidgeRouter.fit(read, SETTINGS), RidgeRouter.fit(written, SETTINGS));

    written.get(0).add(withTokens("sql", prompts("sql", 20, 5)));
    read.get(0).add(withTokens("sql", prompts("sql", 20, 5)));
    assertThat(read.get(0).gramCounts()).isEqualTo(written.get(0).gramCounts());
  }

  @Test
  void aDomainIsAddedToStoredSums() {
    Path file = folder.resolve("sums.safetensors");
    RidgeSums sums = new RidgeSums();
    all().subList(0, 3).forEach(sums::add);
    sums.write(file, BASE);
    RidgeSums again = RidgeSums.read(file, BASE);
    again.add(all().get(3));
    assertSameTokens(again.router(SETTINGS), router());
  }

  private static void assertSameTokens(RidgeRouter actual, RidgeRouter expected) {
    assertThat(actual.tokens().orElseThrow().weights())
        .isEqualTo(expected.tokens().orElseThrow().weights());
    PromptStates prompt = withTokens("math", prompts("math", 1, 4)).get(0);
    assertThat(actual.route(prompt)).isEqualTo(expected.route(prompt));
  }

  @Test
  void kindsOfTextOfNoDomainKeepTheirTokens() {
    GeneralStatistics general =
        GeneralStatistics.of(List.of(statistics("talk"), statistics("prose")));
    Path file = folder.resolve("general.safetensors");
    general.write(file, BASE);
    List<DomainStatistics> domains = new ArrayList<>(all());
    domains.addAll(1, GeneralStatistics.read(file, BASE).kinds());
    RidgeRouter router = RidgeRouter.fit(domains, SETTINGS).withAbstentionThreshold(0.2);
    for (String of : List.of("talk", "prose")) {
      for (PromptStates text : withTokens(of, prompts(of, 10, 6))) {
        assertThat(router.route(text).noneOfThese()).isGreaterThan(0.5);
      }
    }
    for (PromptStates prompt : withTokens("math", prompts("math", 10, 6))) {
      assertThat(router.route(prompt).chosen()).contains("math");
      assertThat(router.usingDomains(Set.of("sql", "cron")).route(prompt).probabilities())
          .containsOnlyKeys("sql", "cron", RouterDomains.NONE_OF_THESE);
    }
    assertThat(GeneralStatistics.read(file, BASE).joined().gramCounts().length)
        .isEqualTo(TokenGrams.BINS);
  }

  @Test
  void refusesCountsThatAreNone() {
    Path file = folder.resolve("sql.safetensors");
    statistics("sql").write(file, BASE);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata;
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      metadata = Map.copyOf(source.metadata());
      for (String name : source.names()) {
        HostTensor tensor = source.tensor(name);
        tensors.put(
            name,
            tensor.dataType() == DataType.F64
                ? HostTensor.of(tensor.toDoubleArray(), tensor.shape())
                : HostTensor.of(tensor.toFloatArray(), tensor.shape()));
      }
    }
    float[] bins = tensors.get("tokens.held_out").toFloatArray();
    bins[0] = TokenGrams.BINS;
    tensors.put("tokens.held_out", HostTensor.of(bins, bins.length));
    SafetensorsWriter.write(file, tensors, metadata);
    assertThatThrownBy(() -> DomainStatistics.read(file, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("tokens.held_out");
  }

  @Test
  void countsEachTokenAndEachPairOnceAndAlwaysInTheSameBins() {
    assertThat(TokenGrams.of(new int[0])).isEmpty();
    assertThat(TokenGrams.of(new int[] {5, 5, 5, 5})).hasSize(3); // the token, its start, the pair
    assertThat(TokenGrams.of(new int[] {6, 5})).isNotEqualTo(TokenGrams.of(new int[] {5, 6}));
    assertThat(TokenGrams.of(new int[] {5, 6, 7}))
        .as("what files rely on")
        .containsExactly(1526, 4150, 12332, 13042, 30449, 32362);
  }
}
