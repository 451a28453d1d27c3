package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do to the pool of adapters at once has the results that it would have one after
 * the other in some order, and no lease ever gives out what was freed. {@code -Dlincheck=100} tries
 * a hundred times as many scenarios.
 */
@Param(name = "name", gen = IntGen.class, conf = "0:1")
@Param(name = "version", gen = IntGen.class, conf = "1:3")
public class LinearizabilityTest {

  private static final int MORE = Integer.getInteger("lincheck", 1);
  private static final int NONE = -1;
  private static final int WRONG = -2;

  /** A resource that knows what it is, and that it was freed. */
  private static final class Resource {
    final String label;
    volatile boolean freed;

    Resource(String label) {
      this.label = label;
    }
  }

  /** It has room for one of two, so that every other use evicts. */
  private final VersionedPool<Resource> pool =
      new VersionedPool<>(1, resource -> 1, resource -> resource.freed = true);

  private static Loadable<Resource> loadable(String label) {
    return new Loadable<>() {
      @Override
      public long sizeInBytes() {
        return 1;
      }

      @Override
      public Resource load() {
        return new Resource(label);
      }
    };
  }

  private static String label(int name, int version) {
    return name + " " + version;
  }

  @Operation
  public void put(@Param(name = "name") int name, @Param(name = "version") int version) {
    pool.put(Integer.toString(name), version, this, () -> loadable(label(name, version)));
  }

  @Operation
  public void loadAndPut(@Param(name = "name") int name, @Param(name = "version") int version) {
    pool.put(
        version, this, pool.prepare(Integer.toString(name), () -> loadable(label(name, version))));
  }

  /** Returns the version that was lent. */
  @Operation
  public int use(@Param(name = "name") int name) {
    try (PoolLease<Resource> lease = pool.acquire(Integer.toString(name))) {
      Resource resource = lease.resource();
      boolean right = resource.label.equals(label(name, lease.version())) && !resource.freed;
      return right ? lease.version() : WRONG;
    } catch (AdapterException e) {
      return NONE;
    }
  }

  @Operation
  public void remove(@Param(name = "name") int name) {
    pool.remove(Integer.toString(name));
  }

  @Operation
  public boolean contains(@Param(name = "name") int name) {
    return pool.contains(Integer.toString(name));
  }

  /** Returns whether it could be pinned. */
  @Operation
  public boolean pin(@Param(name = "name") int name) {
    try {
      pool.pin(Integer.toString(name));
      return true;
    } catch (MoaException e) {
      return false;
    }
  }

  @Operation
  public void unpin(@Param(name = "name") int name) {
    pool.unpin(Integer.toString(name));
  }

  @Test
  void resultsAreThoseOfSomeOrder() {
    new StressOptions()
        .iterations(5 * MORE)
        .invocationsPerIteration(200)
        .threads(3)
        .actorsPerThread(3)
        .check(getClass());
  }
}
