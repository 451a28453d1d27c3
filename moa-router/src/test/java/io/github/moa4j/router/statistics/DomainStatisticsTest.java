package io.github.moa4j.router.statistics;

import static io.github.moa4j.router.SyntheticDomains.ALL_STATES;
import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.HIDDEN_SIZE;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainStatisticsTest {

  @TempDir Path directory;

  @Test
  void statisticsComeBackBitByBit() {
    DomainStatistics written = statistics("sql", 30);
    Path file = directory.resolve(DomainStatistics.FILE_NAME);
    written.write(file, BASE);
    DomainStatistics read = DomainStatistics.read(file, BASE);
    assertThat(read.domain()).isEqualTo("sql");
    assertThat(read.pooling()).isEqualTo(written.pooling());
    assertThat(read.states()).isEqualTo(written.states());
    assertThat(read.count()).isEqualTo(27);
    for (int i = 0; i < written.states().size(); i++) {
      assertThat(read.sum(i)).containsExactly(written.sum(i));
      assertThat(read.packedScatter(i)).containsExactly(written.packedScatter(i));
      assertThat(read.heldOut(i)).isDeepEqualTo(written.heldOut(i));
    }
  }

  @Test
  void statisticsGoOnGrowingAfterAReload() {
    List<PromptStates> all = prompts("sql", 50, 1);
    DomainStatistics first = statistics("sql", 0);
    first.add(all.subList(0, 30));
    Path file = directory.resolve("statistics.safetensors");
    first.write(file, BASE);
    DomainStatistics reloaded = DomainStatistics.read(file, BASE);
    first.add(all.subList(30, 50));
    reloaded.add(all.subList(30, 50));
    assertThat(reloaded.count()).isEqualTo(first.count());
    assertThat(reloaded.packedScatter(0)).containsExactly(first.packedScatter(0));
    assertThat(reloaded.heldOut(0)).isDeepEqualTo(first.heldOut(0));
  }

  @Test
  void aDomainWithoutHeldOutPromptsIsStoredToo() {
    Path file = directory.resolve("statistics.safetensors");
    statistics("sql", 5).write(file, BASE);
    assertThat(DomainStatistics.read(file, BASE).heldOutCount()).isZero();
  }

  @Test
  void refusesStatisticsOfAnotherBase() {
    Path file = directory.resolve("statistics.safetensors");
    statistics("sql", 9).write(file, BASE);
    assertThatThrownBy(() -> DomainStatistics.read(file, "other"))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("statistics.safetensors")
        .hasMessageContaining("another base");
  }

  @Test
  void refusesTruncatedStatistics() throws IOException {
    Path file = directory.resolve("statistics.safetensors");
    statistics("sql", 9).write(file, BASE);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 8));
    assertThatThrownBy(() -> DomainStatistics.read(file, BASE))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("statistics.safetensors");
  }

  @Test
  void refusesAnyOtherSafetensorsFile() {
    Path file = directory.resolve("router.safetensors");
    SafetensorsWriter.write(file, Map.of("a", HostTensor.of(new float[1], 1)), Map.of());
    assertThatThrownBy(() -> DomainStatistics.read(file, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("moa4j-router-statistics");
  }

  @Test
  void refusesTensorsOfAnotherTypeNamingFileAndTensor() {
    Path file = directory.resolve("statistics.safetensors");
    statistics("sql", 9).write(file, BASE);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata;
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      metadata = written.metadata();
      written.names().forEach(name -> tensors.put(name, copy(written.tensor(name))));
    }
    for (String name : List.of("states.0.sum", "states.1.scatter", "states.2.held_out")) {
      Map<String, HostTensor> changed = new LinkedHashMap<>(tensors);
      HostTensor tensor = tensors.get(name);
      changed.put(name, HostTensor.of(new long[tensor.size()], tensor.shape()));
      SafetensorsWriter.write(file, changed, metadata);
      assertThatThrownBy(() -> DomainStatistics.read(file, BASE))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("statistics.safetensors")
          .hasMessageContaining("'" + name + "' is I64");
    }
  }

  private static HostTensor copy(HostTensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(tensor.data().remaining());
    return new HostTensor(tensor.dataType(), tensor.shape(), bytes.put(tensor.data()).flip());
  }

  @Test
  void promptsMayBeAddedInBatches() {
    List<PromptStates> all = prompts("sql", 50, 1);
    DomainStatistics inBatches =
        DomainStatistics.empty("sql", Pooling.MEAN, ALL_STATES, HIDDEN_SIZE);
    inBatches.add(all.subList(0, 7));
    inBatches.add(List.of());
    inBatches.add(all.subList(7, 50));
    DomainStatistics atOnce = statistics("sql", 50);
    assertThat(inBatches.count()).isEqualTo(atOnce.count()).isEqualTo(44);
    assertThat(inBatches.heldOutCount()).isEqualTo(atOnce.heldOutCount()).isEqualTo(6);
    assertThat(inBatches.packedScatter(1)).containsExactly(atOnce.packedScatter(1), within(1e-3f));
  }

  @Test
  void aRefusedBatchLeavesTheStatisticsAsTheyWere() {
    DomainStatistics statistics = statistics("sql", 20);
    float[] before = statistics.packedScatter(0).clone();
    List<PromptStates> batch = new ArrayList<>(prompts("sql", 3, 4));
    batch.add(new PromptStates(new float[3][5], new float[3][5]));
    assertThatThrownBy(() -> statistics.add(batch)).isInstanceOf(RouterException.class);
    assertThat(statistics.packedScatter(0)).containsExactly(before);
    assertThat(statistics.count() + statistics.heldOutCount()).isEqualTo(20);
  }

  @Test
  void readsTheFormatOfVersionOne() {
    DomainStatistics now = statistics("sql", 30);
    DomainStatistics old =
        DomainStatistics.read(Path.of("src/test/resources/statistics/version-1.safetensors"), BASE);
    assertThat(old.states()).isEqualTo(now.states());
    assertThat(old.count()).isEqualTo(now.count());
    for (int i = 0; i < old.states().size(); i++) {
      assertThat(old.mean(i)).containsExactly(now.mean(i), within(1e-9));
      assertThat(old.packedScatter(i)).containsExactly(now.packedScatter(i), within(1e-3f));
      assertThat(old.heldOut(i)).isDeepEqualTo(now.heldOut(i));
    }
  }

  @Test
  void wideStatesOfVersionOneBecomeTheFeaturesThatAreKeptNow() {
    int width = 600;
    List<PromptStates> prompts = wide(16, width);
    DomainStatistics now = DomainStatistics.empty("sql", Pooling.MEAN, List.of(0), width);
    now.add(prompts);
    double[] sum = new double[width];
    double[] gram = new double[width * (width + 1) / 2];
    List<Float> left = new ArrayList<>();
    for (int n = 0; n < prompts.size(); n++) {
      float[] x = prompts.get(n).mean()[0];
      for (int i = 0, p = 0; i < width; i++) {
        if (DomainStatistics.holdsOut(n)) {
          left.add(x[i]);
          continue;
        }
        sum[i] += x[i];
        for (int j = 0; j <= i; j++) {
          gram[p++] += (double) x[i] * x[j];
        }
      }
    }
    float[] heldOut = new float[left.size()];
    for (int i = 0; i < heldOut.length; i++) {
      heldOut[i] = left.get(i);
    }
    Path file = directory.resolve("old.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(
            "states.0.sum", HostTensor.of(sum, width),
            "states.0.gram", HostTensor.of(gram, gram.length),
            "states.0.held_out", HostTensor.of(heldOut, 2, width)),
        Map.of(
            "kind", "moa4j-router-statistics",
            "format_version", "1",
            "base_fingerprint", BASE,
            "domain", "sql",
            "pooling", "mean",
            "states", "0",
            "count", "14"));
    DomainStatistics old = DomainStatistics.read(file, BASE);
    assertThat(old.width()).isEqualTo(width);
    assertThat(old.features()).isEqualTo(512);
    assertThat(old.mean(0)).containsExactly(now.mean(0), within(1e-4));
    assertThat(old.packedScatter(0)).containsExactly(now.packedScatter(0), within(1e-3f));
    assertThat(old.heldOut(0)).isDeepEqualTo(now.heldOut(0));
  }

  private static List<PromptStates> wide(int count, int width) {
    SplittableRandom random = new SplittableRandom(7);
    List<PromptStates> prompts = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      float[][] states = new float[1][width];
      for (int j = 0; j < width; j++) {
        states[0][j] = (float) random.nextGaussian();
      }
      prompts.add(new PromptStates(states, states));
    }
    return prompts;
  }

  @Test
  void aDomainTakesAtMostEightMegabytes() throws IOException {
    Path file = directory.resolve("statistics.safetensors");
    for (int[] model : new int[][] {{256, 33}, {256, 9}, {896, 25}, {4096, 33}, {8192, 81}}) {
      Pooling pooling = Pooling.MEAN_AND_LAST;
      List<Integer> states = DomainStatistics.evenlySpacedStates(model[1], pooling.width(model[0]));
      DomainStatistics statistics = DomainStatistics.empty("sql", pooling, states, model[0]);
      float[][] blank = new float[model[1]][model[0]];
      int[] tokens = IntStream.range(0, 384).toArray();
      PromptStates prompt = new PromptStates(blank, blank, tokens);
      statistics.add(List.of(), Collections.nCopies(64, prompt), 64);
      statistics.write(file, BASE);
      assertThat(Files.size(file)).as("hidden size " + model[0]).isLessThan(8 << 20);
    }
  }

  @Test
  void keepsEveryStateOfANarrowModelAndSpreadsFewOverAWideOne() {
    assertThat(DomainStatistics.evenlySpacedStates(9, 256))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(DomainStatistics.evenlySpacedStates(29, 1024)).hasSize(8).contains(28);
    assertThat(DomainStatistics.evenlySpacedStates(33, 4096)).hasSize(4).contains(32);
    assertThat(DomainStatistics.evenlySpacedStates(3, 8192)).containsExactly(0, 1, 2);
  }
}
