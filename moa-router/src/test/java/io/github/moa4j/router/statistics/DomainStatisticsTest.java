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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      assertThat(read.packedGram(i)).containsExactly(written.packedGram(i));
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
    assertThat(reloaded.packedGram(0)).containsExactly(first.packedGram(0));
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
    for (String name : List.of("states.0.sum", "states.1.gram", "states.2.held_out")) {
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
    assertThat(inBatches.packedGram(1)).containsExactly(atOnce.packedGram(1), within(1e-6));
  }

  @Test
  void aRefusedBatchLeavesTheStatisticsAsTheyWere() {
    DomainStatistics statistics = statistics("sql", 20);
    double[] before = statistics.packedGram(0).clone();
    List<PromptStates> batch = new ArrayList<>(prompts("sql", 3, 4));
    batch.add(new PromptStates(new float[3][5], new float[3][5]));
    assertThatThrownBy(() -> statistics.add(batch)).isInstanceOf(RouterException.class);
    assertThat(statistics.packedGram(0)).containsExactly(before);
    assertThat(statistics.count() + statistics.heldOutCount()).isEqualTo(20);
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
