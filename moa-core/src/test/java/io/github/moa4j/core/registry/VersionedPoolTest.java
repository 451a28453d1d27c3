package io.github.moa4j.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VersionedPoolTest {

  private static final long SIZE = 10;

  /** The name that is replaced, but always there and never broken. */
  private static final String STEADY = "a";

  /** A resource that knows how often it was freed. */
  private static final class Resource {
    final String label;
    final AtomicInteger freed = new AtomicInteger();

    Resource(String label) {
      this.label = label;
    }
  }

  private final Queue<Resource> made = new ConcurrentLinkedQueue<>();

  private VersionedPool<Resource> pool(long budget) {
    return new VersionedPool<>(budget, resource -> SIZE, resource -> resource.freed.addAndGet(1));
  }

  /** A source of resources of which each says before that it will take {@link #SIZE}. */
  private static Supplier<Loadable<Resource>> loadable(Supplier<Resource> load) {
    return () ->
        new Loadable<>() {
          @Override
          public long sizeInBytes() {
            return SIZE;
          }

          @Override
          public Resource load() {
            return load.get();
          }
        };
  }

  private Resource make(String label) {
    Resource resource = new Resource(label);
    made.add(resource);
    return resource;
  }

  private void put(VersionedPool<Resource> pool, String name, int version) {
    pool.put(name, version, this, loadable(() -> make(name + version)));
  }

  private List<String> freed() {
    return made.stream().filter(made -> made.freed.get() > 0).map(made -> made.label).toList();
  }

  @Test
  void loadsWhenFirstAcquiredAndOnce() {
    VersionedPool<Resource> pool = pool(100);
    put(pool, "a", 1);
    assertThat(made).isEmpty();

    pool.acquire("a").close();
    pool.acquire("a").close();

    assertThat(made).hasSize(1);
    assertThat(pool.residentBytes()).isEqualTo(SIZE);
  }

  @Test
  void keepsAReplacedVersionUntilItsLastLeaseCloses() {
    VersionedPool<Resource> pool = pool(100);
    put(pool, "a", 1);
    var first = pool.acquire("a");
    var second = pool.acquire("a");

    put(pool, "a", 2);
    var third = pool.acquire("a");

    assertThat(first.resource().label).isEqualTo("a1");
    assertThat(third.version()).isEqualTo(2);
    first.close();
    first.close();
    assertThat(freed()).isEmpty();
    second.close();
    assertThat(freed()).containsExactly("a1");
    assertThat(pool.residentBytes()).isEqualTo(SIZE);
  }

  @Test
  void freesAnUnusedVersionAsSoonAsItIsReplacedOrRemoved() {
    VersionedPool<Resource> pool = pool(100);
    put(pool, "a", 1);
    pool.acquire("a").close();
    put(pool, "a", 2);
    pool.acquire("a").close();
    assertThat(freed()).containsExactly("a1");

    pool.remove("a");

    assertThat(freed()).containsExactly("a1", "a2");
    assertThat(pool.residentBytes()).isZero();
  }

  @Test
  void evictsTheLeastRecentlyUsed() {
    VersionedPool<Resource> pool = pool(2 * SIZE);
    for (String name : List.of("a", "b", "c")) {
      put(pool, name, 1);
    }
    pool.acquire("a").close();
    pool.acquire("b").close();
    pool.acquire("a").close();

    pool.acquire("c").close();

    assertThat(freed()).containsExactly("b1");
    assertThat(pool.residentBytes()).isEqualTo(2 * SIZE);
    pool.acquire("b").close();
    assertThat(freed()).containsExactly("a1", "b1");
    assertThat(made).hasSize(4);
  }

  @Test
  void neverEvictsWhatIsLent() {
    VersionedPool<Resource> pool = pool(0);
    put(pool, "a", 1);
    put(pool, "b", 1);

    var a = pool.acquire("a");
    var b = pool.acquire("b");

    assertThat(freed()).isEmpty();
    assertThat(pool.residentBytes()).isEqualTo(2 * SIZE);
    a.close();
    assertThat(freed()).containsExactly("a1");
    b.close();
    assertThat(pool.residentBytes()).isZero();
  }

  @Test
  void makesRoomBeforeItLoads() {
    VersionedPool<Resource> pool = pool(2 * SIZE);
    put(pool, "a", 1);
    put(pool, "b", 1);
    List<Long> resident = new ArrayList<>();
    pool.put(
        "c",
        1,
        this,
        loadable(
            () -> {
              resident.add(pool.residentBytes());
              assertThat(freed()).containsExactly("a1");
              return make("c1");
            }));
    pool.acquire("a").close();
    pool.acquire("b").close();

    pool.acquire("c").close();

    assertThat(resident).containsExactly(2 * SIZE); // its own included
  }

  @Test
  void makesRoomBeforeItLoadsAReplacement() {
    VersionedPool<Resource> pool = pool(SIZE);
    put(pool, "a", 1);
    pool.acquire("a").close();

    Slot<Resource> prepared =
        pool.prepare(
            "a",
            loadable(
                () -> {
                  assertThat(pool.residentBytes()).isEqualTo(SIZE);
                  return make("a2");
                }));
    assertThat(freed()).containsExactly("a1");
    pool.put(2, this, prepared);

    try (var lease = pool.acquire("a")) {
      assertThat(lease.version()).isEqualTo(2);
      assertThat(lease.resource().label).isEqualTo("a2");
    }
    pool.discard(pool.prepare("a", loadable(() -> make("a3"))));
    assertThat(freed()).contains("a3");
    assertThat(pool.leases().open()).isZero();
  }

  @Test
  void keepsWhatIsPinnedThroughItsVersions() {
    VersionedPool<Resource> pool = pool(2 * SIZE);
    for (String name : List.of("a", "b", "c")) {
      put(pool, name, 1);
    }
    pool.pin("a");
    assertThat(made).extracting(resource -> resource.label).containsExactly("a1");
    pool.acquire("b").close();
    pool.acquire("c").close();
    assertThat(freed()).containsExactly("b1");
    pool.pin("c");

    assertThatThrownBy(() -> pool.pin("b"))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("'b' cannot be pinned")
        .hasMessageContaining("30 bytes")
        .hasMessageContaining("20");
    pool.acquire("b").close();
    assertThat(freed()).containsExactly("b1", "b1");
    pool.unpin("c");
    pool.put(2, this, pool.prepare("a", loadable(() -> make("a2"))));
    pool.acquire("b").close();

    assertThat(freed()).containsExactlyInAnyOrder("b1", "b1", "c1", "a1");
    pool.unpin("a");
    pool.acquire("c").close();
    pool.acquire("b").close();
    assertThat(freed()).contains("a2");
    pool.pin("a");
    pool.remove("a");
    put(pool, "a", 3);
    pool.acquire("a").close();
    pool.acquire("b").close();
    pool.acquire("c").close();
    assertThat(freed()).contains("a3"); // a new domain of that name is not pinned
  }

  @Test
  void countsWhatIsPinnedFromTheStart() {
    VersionedPool<Resource> pool = pool(SIZE);
    put(pool, "b", 1);
    AtomicInteger looks = new AtomicInteger();
    pool.put(
        "a",
        1,
        this,
        () -> {
          if (looks.incrementAndGet() == 2) { // pinned, and not loaded yet
            assertThatThrownBy(() -> pool.pin("b")).hasMessageContaining("cannot be pinned");
          }
          return loadable(() -> make("a1")).get();
        });

    pool.pin("a");

    assertThat(looks).hasValue(2);
    assertThat(made).extracting(resource -> resource.label).containsExactly("a1");
  }

  @Test
  void doesNotPinWhatCannotBeLoaded() {
    VersionedPool<Resource> pool = pool(SIZE);
    put(pool, "b", 1);
    pool.put(
        "a",
        1,
        this,
        loadable(
            () -> {
              throw new AdapterException("broken");
            }));

    assertThatThrownBy(() -> pool.pin("a")).hasMessage("broken");

    pool.pin("b"); // there is room
  }

  @Test
  void prefetchesWhatHasRoomOrTakesThePlaceOfWhatIsOlder() {
    VersionedPool<Resource> pool = pool(3 * SIZE);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      put(pool, name, 1);
    }
    pool.pin("a");
    pool.acquire("b").close();
    long now = pool.now();

    for (String name : List.of("c", "d", "e", "a", "unknown")) {
      pool.prefetch(name, now);
    }

    assertThat(freed()).containsExactly("b1");
    assertThat(List.of(pool.isResident("c"), pool.isResident("d"), pool.isResident("e")))
        .containsExactly(true, true, false);
    assertThat(pool.leases().open()).isZero();
    pool.close();
    pool.prefetch("b", Long.MAX_VALUE);
    assertThat(pool.residentBytes()).isZero();
  }

  @Test
  void triesAgainAfterALoadThatFailed() {
    VersionedPool<Resource> pool = pool(100);
    AtomicInteger attempts = new AtomicInteger();
    pool.put(
        "a",
        1,
        this,
        loadable(
            () -> {
              if (attempts.incrementAndGet() == 1) {
                throw new AdapterException("disk error");
              }
              return make("a1");
            }));

    assertThatThrownBy(() -> pool.acquire("a")).hasMessage("disk error");
    assertThat(pool.residentBytes()).isZero();
    pool.acquire("a").close();
    pool.remove("a");

    assertThat(freed()).containsExactly("a1");
  }

  @Test
  void anInterruptedLoadIsNoFailureOfThoseWhoWaitForIt() throws Exception {
    VersionedPool<Resource> pool = pool(100);
    CountDownLatch loading = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    pool.put(
        "a",
        1,
        this,
        loadable(
            () -> {
              if (attempts.incrementAndGet() == 1) {
                loading.countDown();
                sleepUntilInterrupted();
              }
              return make("a1");
            }));
    FutureTask<?> interrupted = new FutureTask<>(() -> pool.acquire("a").close(), null);
    FutureTask<?> waiting = new FutureTask<>(() -> pool.acquire("a").close(), null);
    Thread first = new Thread(interrupted);
    Thread second = new Thread(waiting);
    first.start();
    loading.await();
    second.start();
    while (second.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    first.interrupt();

    waiting.get();
    assertThatThrownBy(interrupted::get).hasMessageContaining("interrupted");
    pool.remove("a");
    assertThat(freed()).containsExactly("a1");
  }

  /** Fails as a channel does that is read by an interrupted thread. */
  private static void sleepUntilInterrupted() {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AdapterException("interrupted", e);
    }
  }

  @Test
  void loadsOnceForAllThatWait() throws Exception {
    VersionedPool<Resource> pool = pool(100);
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch proceed = new CountDownLatch(1);
    pool.put(
        "a",
        1,
        this,
        loadable(
            () -> {
              loading.countDown();
              awaitQuietly(proceed);
              return make("a1");
            }));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> requests = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        requests.add(threads.submit(() -> pool.acquire("a").close()));
      }
      loading.await();
      put(pool, "a", 2); // replaced while its first version is loading
      assertThat(pool.acquire("a").version()).isEqualTo(2);
      proceed.countDown();
      for (Future<?> request : requests) {
        request.get();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(made.stream().filter(made -> made.label.equals("a1"))).hasSize(1);
    assertThat(freed()).containsExactly("a1");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void refusesAClosedLeaseAndAClosedPool() {
    VersionedPool<Resource> pool = pool(100);
    put(pool, "a", 1);
    var lease = pool.acquire("a");
    pool.close();

    assertThat(lease.resource().label).isEqualTo("a1");
    assertThatThrownBy(() -> pool.acquire("a"))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("closed");
    assertThat(freed()).isEmpty();
    lease.close();
    assertThat(freed()).containsExactly("a1");
    assertThatThrownBy(lease::resource).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void holdsItsPromisesWhileThreadsAcquireReplaceAndRemove() throws Exception {
    VersionedPool<Resource> pool = pool(3 * SIZE);
    List<String> names = List.of("a", "b", "c", "d", "e");
    AtomicInteger version = new AtomicInteger();
    put(pool, STEADY, version.incrementAndGet());
    CountDownLatch changing = new CountDownLatch(2);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Random random = new Random(i);
      tasks.add(() -> use(pool, names, random, changing));
    }
    for (int i = 0; i < 2; i++) {
      Random random = new Random(100 + i);
      tasks.add(
          () -> {
            try {
              return change(pool, names, random, version);
            } finally {
              changing.countDown();
            }
          });
    }
    int leases = 0;
    try {
      for (Future<Integer> task : threads.invokeAll(tasks)) {
        leases += task.get();
      }
    } finally {
      threads.shutdown();
    }

    assertThat(leases).isPositive();
    assertThat(pool.residentBytes()).isBetween(0L, 3 * SIZE);
    long alive = made.stream().filter(resource -> resource.freed.get() == 0).count();
    assertThat(pool.residentBytes()).isEqualTo(alive * SIZE);
    pool.close();
    assertThat(pool.residentBytes()).isZero();
    assertThat(made).allSatisfy(resource -> assertThat(resource.freed).hasValue(1));
    assertThat(threads.awaitTermination(1, TimeUnit.SECONDS)).isTrue();
  }

  /**
   * Acquires while others change the pool and checks that what is lent stays; returns how often
   * that succeeded.
   */
  private static int use(
      VersionedPool<Resource> pool, List<String> names, Random random, CountDownLatch changing) {
    pool.acquire(STEADY).close();
    int leases = 1;
    while (changing.getCount() > 0) {
      String name = names.get(random.nextInt(names.size()));
      try (var lease = pool.acquire(name)) {
        leases++;
        String label = lease.name() + lease.version();
        for (int look = 0; look < 3; look++) {
          assertThat(lease.resource().label).isEqualTo(label);
          assertThat(lease.resource().freed).hasValue(0);
          Thread.onSpinWait();
        }
      } catch (AdapterException e) {
        assertThat(e).hasMessageMatching("broken|There is no domain.*"); // at this moment
      }
    }
    return leases;
  }

  private int change(
      VersionedPool<Resource> pool, List<String> names, Random random, AtomicInteger versions) {
    for (int i = 0; i < 2000; i++) {
      String name = names.get(random.nextInt(names.size()));
      boolean steady = name.equals(STEADY);
      if (!steady && random.nextInt(4) == 0) {
        pool.remove(name);
      } else {
        int version = versions.incrementAndGet();
        boolean broken = !steady && random.nextInt(10) == 0;
        pool.put(
            name,
            version,
            this,
            loadable(
                () -> {
                  if (broken) {
                    throw new AdapterException("broken");
                  }
                  return make(name + version);
                }));
      }
      LockSupport.parkNanos(20_000);
    }
    return 0;
  }
}
