package io.github.moa4j.core.registry;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.EngineFreeWeights;
import io.github.moa4j.core.lora.LoraAdapter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every kind of place that adapters come from must give a registry. A new kind passes when its
 * subclass does.
 */
abstract class AdapterStoreSuite {

  static final Path GOLDEN = Path.of("src/test/resources/golden");
  static final Path ADAPTER = GOLDEN.resolve("llama-gqa/adapter");
  static final Path MISFIT = GOLDEN.resolve("qwen3-qknorm/adapter"); // of a model of another shape
  private static final long SIZE = 4000;

  private final AtomicInteger loads = new AtomicInteger();
  private final List<EngineFreeWeights> loaded = new ArrayList<>();
  private final ExecutorService others = Executors.newCachedThreadPool();
  private volatile RuntimeException refusal; // of the engine
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private AdapterRegistry registry = registryOf(Long.MAX_VALUE);

  /** Adds a domain with an adapter that fits. */
  abstract void add(AdapterRegistry target, String domain);

  /** Gives a domain another adapter that fits. */
  abstract void replace(AdapterRegistry target, String domain);

  /** Gives a domain an adapter that does not fit. */
  abstract void replaceByMisfit(AdapterRegistry target, String domain);

  /** Removes a domain. */
  abstract void remove(AdapterRegistry target, String domain);

  private AdapterRegistry registryOf(long budget) {
    ModelConfig model = ModelConfig.read(GOLDEN.resolve("llama-gqa/config.json"));
    return new AdapterRegistry(BASE, model, budget, adapter -> SIZE, this::load);
  }

  private AppliedLora load(LoraAdapter adapter) {
    assertThat(adapter.config()).isNotNull();
    loads.incrementAndGet();
    try {
      assertThat(gate.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (refusal != null) {
      throw refusal;
    }
    EngineFreeWeights weights = new EngineFreeWeights(SIZE);
    synchronized (loaded) {
      loaded.add(weights);
    }
    return weights;
  }

  @AfterEach
  void freeEverything() {
    others.shutdownNow();
    registry.close();
    assertThat(registry.residentBytes()).isZero();
    assertThat(loaded).allMatch(EngineFreeWeights::isClosed);
  }

  @Test
  void lendsWhatWasAddedAndLoadsItOnce() {
    add(registry, "sql");
    assertThat(registry.domains()).containsExactly("sql");
    assertThat(loads).hasValue(0);
    try (AdapterLease lease = registry.acquire("sql");
        AdapterLease second = registry.acquire("sql")) {
      assertThat(lease.domain()).isEqualTo("sql");
      assertThat(lease.version()).isEqualTo(registry.version("sql")).isEqualTo(second.version());
      assertThat(lease.weights()).isSameAs(second.weights());
      assertThat(registry.residentBytes()).isEqualTo(SIZE);
      assertThat(registry.openLeases()).isEqualTo(2);
    }
    assertThat(loads).hasValue(1);
    assertThat(registry.openLeases()).isZero();
  }

  @Test
  void aRunningRequestKeepsItsVersionWhateverHappens() {
    add(registry, "sql");
    try (AdapterLease running = registry.acquire("sql")) {
      replace(registry, "sql");
      try (AdapterLease later = registry.acquire("sql")) {
        assertThat(later.version()).isGreaterThan(running.version());
        assertThat(later.weights()).isNotSameAs(running.weights());
        remove(registry, "sql");
        assertThat(registry.domains()).isEmpty();
        assertThat(registry.residentBytes()).isEqualTo(2 * SIZE);
        assertThat(loaded).noneMatch(EngineFreeWeights::isClosed);
      }
    }
    assertThat(registry.residentBytes()).isZero();
    assertThatThrownBy(() -> registry.acquire("sql"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("no domain 'sql'");
  }

  @Test
  void whatNobodyUsesIsEvictedAndLoadedAgain() {
    registry = registryOf(SIZE);
    add(registry, "sql");
    add(registry, "cron");
    registry.acquire("sql").close();
    try (AdapterLease used = registry.acquire("cron")) {
      registry.acquire("sql").close();
      assertThat(used.weights().sizeInBytes()).isEqualTo(SIZE);
    }
    assertThat(registry.residentBytes()).isEqualTo(SIZE);
    assertThat(loads).hasValue(3);
  }

  @Test
  void aReplacementThatCannotBeUsedLeavesTheOldOne() {
    add(registry, "sql");
    registry.acquire("sql").close();
    int version = registry.version("sql");

    assertThatThrownBy(() -> replaceByMisfit(registry, "sql"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'");
    refusal = new IllegalStateException("out of memory");
    assertThatThrownBy(() -> replace(registry, "sql"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("'sql'", "engine's memory", "out of memory");
    refusal = null;

    try (AdapterLease lease = registry.acquire("sql")) {
      assertThat(lease.version()).isEqualTo(version);
    }
    assertThat(loaded).hasSize(1).noneMatch(EngineFreeWeights::isClosed);
  }

  @Test
  void aLoadThatFailsIsTriedAgainByTheNextRequest() {
    add(registry, "sql");
    refusal = new IllegalStateException("out of memory");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> registry.acquire("sql")).isInstanceOf(AdapterException.class);
    }
    assertThat(registry.openLeases()).isZero();
    refusal = null;
    registry.acquire("sql").close();
    assertThat(loads).hasValue(3);
  }

  @Test
  void requestsAtTheSameTimeShareOneLoad() throws Exception {
    add(registry, "sql");
    gate = new CountDownLatch(1);
    List<Future<AdapterLease>> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiting.add(others.submit(() -> registry.acquire("sql")));
    }
    while (registry.openLeases() < 8) {
      Thread.onSpinWait();
    }
    gate.countDown();
    for (Future<AdapterLease> lease : waiting) {
      lease.get(10, TimeUnit.SECONDS).close();
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void loadsAheadInTheBackground() throws Exception {
    registry = registryOf(2 * SIZE);
    for (String domain : List.of("sql", "cron", "shell")) {
      add(registry, domain);
    }
    registry.prefetch(List.of("sql", "unknown", "cron", "shell"));
    while (loads.get() < 2 || registry.openLeases() > 0) {
      Thread.sleep(1);
    }
    registry.acquire("sql").close();
    registry.acquire("cron").close();
    assertThat(loads).hasValue(2);
    gate = new CountDownLatch(1);
    registry.remove("sql");
    registry.prefetch(List.of("shell"));
    while (loads.get() < 3) {
      Thread.sleep(1);
    }
    Future<?> closing = others.submit(registry::close);
    assertThatThrownBy(() -> closing.get(5, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class); // the memory may be taken down behind it
    gate.countDown();
    closing.get(10, TimeUnit.SECONDS);
    assertThat(registry.residentBytes()).isZero();
  }

  @Test
  void whatIsPinnedIsNotEvicted() {
    registry = registryOf(2 * SIZE);
    for (String domain : List.of("sql", "cron", "shell")) {
      add(registry, domain);
    }
    registry.pin("sql");
    registry.acquire("cron").close();
    registry.acquire("shell").close();
    replace(registry, "sql");
    registry.acquire("sql").close();
    assertThat(loads).hasValue(4);
    registry.pin("shell");
    assertThatThrownBy(() -> registry.pin("cron")).hasMessageContaining("memory budget");
    registry.unpin("sql");
    registry.pin("cron");
    assertThatThrownBy(() -> registry.pin("unknown")).isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> registry.unpin("unknown")).isInstanceOf(AdapterException.class);
    assertThat(registry.residentBytes()).isEqualTo(2 * SIZE);
  }

  @Test
  void closingLeavesWhatIsLentAndLendsNoMore() {
    add(registry, "sql");
    add(registry, "cron");
    registry.acquire("cron").close();
    try (AdapterLease running = registry.acquire("sql")) {
      registry.close();
      assertThat(registry.residentBytes()).isEqualTo(SIZE);
      assertThat(running.weights()).isInstanceOf(EngineFreeWeights.class);
      assertThat(registry.awaitLeases(Duration.ofMillis(5))).isFalse();
      assertThatThrownBy(() -> registry.acquire("sql"))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(() -> add(registry, "shell")).isInstanceOf(MoaException.class);
      registry.close();
    }
    assertThat(registry.awaitLeases(Duration.ZERO)).isTrue();
  }

  @Test
  void whoWaitsForTheLeasesFindsTheMemoryFreed() throws Exception {
    add(registry, "sql");
    AdapterLease running = registry.acquire("sql");
    registry.close();
    Future<Boolean> freed =
        others.submit(
            () ->
                registry.awaitLeases(Duration.ofSeconds(10))
                    && loaded.stream().allMatch(EngineFreeWeights::isClosed));
    Thread.sleep(5);
    running.close();
    assertThat(freed.get(10, TimeUnit.SECONDS)).isTrue();
    Thread.currentThread().interrupt();
    assertThat(registry.awaitLeases(Duration.ofSeconds(10))).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void namesAreCheckedAndUnknownOnesAreNamed() {
    add(registry, "sql");
    assertThatThrownBy(() -> remove(registry, "sq"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("did you mean 'sql'");
    assertThatThrownBy(() -> replace(registry, "cron")).isInstanceOf(AdapterException.class);
    assertThatThrownBy(() -> add(registry, "sql")).isInstanceOf(AdapterException.class);
    for (String name : List.of("", "A", "../x", "nul", "x".repeat(65))) {
      assertThatThrownBy(() -> add(registry, name)).isInstanceOf(AdapterException.class);
    }
    assertThat(registry.domains()).containsExactly("sql");
  }
}
