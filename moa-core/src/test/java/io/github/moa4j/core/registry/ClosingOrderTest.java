package io.github.moa4j.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native memory that is lent while its owners close, with the real engine. */
final class ClosingOrderTest {

  @TempDir private Path folder;

  @Test
  void aLeaseStaysUsableBehindTheRegistryAndMayEndBehindTheBase() {
    BaseModel base = BaseModel.load(TestModels.withTokenizer(folder), WeightFormat.F32);
    AdapterRegistry registry =
        new AdapterRegistry(
            "fingerprint", base.config(), Long.MAX_VALUE, base::sizeInBytes, base::load);
    registry.add("sql", AdapterSource.of(TestModels.randomAdapter(base, 1), "fingerprint"));
    AdapterLease first = registry.acquire("sql");
    assertThat(base.sizeInBytes(TestModels.randomAdapter(base, 1)))
        .isEqualTo(first.weights().sizeInBytes());
    AdapterLease second = registry.acquire("sql");
    List<int[]> prompt = List.of(new int[] {11, 12, 13});
    float[] before =
        base.promptStates(prompt, List.of(AdapterChoice.of(first.weights()))).get(0).last()[2];

    registry.close();

    assertThat(registry.awaitLeases(Duration.ZERO)).isFalse();
    assertThat(
            base.promptStates(prompt, List.of(AdapterChoice.of(first.weights()))).get(0).last()[2])
        .isEqualTo(before);
    first.close();
    base.close();
    assertThatCode(second::close).doesNotThrowAnyException();
    assertThat(registry.awaitLeases(Duration.ZERO)).isTrue();
    assertThat(registry.residentBytes()).isZero();
  }
}
