package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PeftRoundTripTest {

  /** One adapted module. */
  private record Place(int layer, TargetModule module) {}

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void readsBackWhatWasWritten(
      @ForAll("places") Set<Place> places, @ForAll("configs") LoraConfig template)
      throws IOException {
    Set<TargetModule> modules = new TreeSet<>();
    places.forEach(place -> modules.add(place.module()));
    LoraConfig config =
        new LoraConfig(
            template.rank(),
            template.loraAlpha(),
            template.useRslora(),
            template.loraDropout(),
            modules,
            template.rankPattern(),
            template.alphaPattern(),
            template.aloraInvocationTokens());
    LoraAdapter adapter = LoraAdapter.of(config, tensors(config, places));
    Path folder = Files.createTempDirectory("moa4j");
    try {
      PeftFormat.write(adapter, folder, "some/base");
      LoraAdapter copy = PeftFormat.read(folder);

      assertThat(copy.config()).isEqualTo(config);
      assertThat(copy.tensors()).isEqualTo(adapter.tensors());
      assertThat(copy.sha256()).isEqualTo(adapter.sha256());
      for (Place place : places) {
        assertThat(copy.scaling(place.layer(), place.module()))
            .isEqualTo(adapter.scaling(place.layer(), place.module()));
      }
    } finally {
      Files.delete(folder.resolve(PeftFormat.CONFIG));
      Files.delete(folder.resolve(PeftFormat.WEIGHTS));
      Files.delete(folder);
    }
  }

  private static Map<String, HostTensor> tensors(LoraConfig config, Set<Place> places) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (Place place : places) {
      int rank = config.rank(place.layer(), place.module());
      tensors.put(
          LoraAdapter.key(place.layer(), place.module(), "lora_A"),
          HostTensor.of(new float[rank * 3], rank, 3));
      tensors.put(
          LoraAdapter.key(place.layer(), place.module(), "lora_B"),
          HostTensor.of(new float[2 * rank], 2, rank));
    }
    return tensors;
  }

  private static List<TargetModule> modules(boolean fused) {
    return Stream.of(TargetModule.values())
        .filter(module -> !module.isOfExperts())
        .filter(module -> fused ? !module.isPiece() : !module.isFused())
        .toList();
  }

  @Provide
  Arbitrary<Set<Place>> places() {
    return Arbitraries.of(true, false)
        .flatMap(
            fused ->
                Combinators.combine(
                        Arbitraries.integers().between(0, 12), Arbitraries.of(modules(fused)))
                    .as(Place::new)
                    .set()
                    .ofMinSize(1)
                    .ofMaxSize(20));
  }

  @Provide
  Arbitrary<LoraConfig> configs() {
    Arbitrary<String> patterns =
        Arbitraries.of("q_proj", "layers.1.mlp.up_proj", "layers\\.[02]\\..*", "(k|v)_proj");
    return Combinators.combine(
            Arbitraries.integers().between(1, 5),
            Arbitraries.of(1.0, 16.0, 0.3),
            Arbitraries.of(true, false),
            Arbitraries.of(0.0, 0.05),
            Arbitraries.maps(patterns, Arbitraries.integers().between(1, 4)).ofMaxSize(2),
            Arbitraries.maps(patterns, Arbitraries.of(2.0, 7.5)).ofMaxSize(2),
            Arbitraries.integers().between(0, 9).list().ofMaxSize(3))
        .as(
            (rank, alpha, rslora, dropout, ranks, alphas, tokens) ->
                new LoraConfig(
                    rank,
                    alpha,
                    rslora,
                    dropout,
                    Set.of(TargetModule.Q_PROJ),
                    ranks,
                    alphas,
                    List.copyOf(tokens)));
  }
}
