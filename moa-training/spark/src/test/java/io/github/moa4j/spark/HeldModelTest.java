package io.github.moa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class HeldModelTest {

  private static final List<String> EVENTS = new CopyOnWriteArrayList<>();

  /** A model that tells when it is loaded and freed. */
  private record Told(String name) implements AutoCloseable {

    Told {
      EVENTS.add("load " + name);
    }

    @Override
    public void close() {
      EVENTS.add("free " + name);
    }
  }

  private static HeldModel.Lease<Told> lease(String name) {
    return HeldModel.lease(name, Told.class, () -> new Told(name));
  }

  @AfterEach
  void free() {
    HeldModel.free();
    EVENTS.clear();
  }

  @Test
  void tasksOfOneModelShareIt() {
    HeldModel.Lease<Told> first = lease("a");
    HeldModel.Lease<Told> second = lease("a");
    assertThat(first.model()).isSameAs(second.model());
    first.close();
    first.close();
    HeldModel.free();
    assertThat(EVENTS).containsExactly("load a");
    second.close();
    HeldModel.free();
    assertThat(EVENTS).containsExactly("load a", "free a");
  }

  @Test
  void anotherModelWaitsUntilNobodyUsesTheFirst() throws Exception {
    HeldModel.Lease<Told> first = lease("a");
    CompletableFuture<HeldModel.Lease<Told>> second =
        CompletableFuture.supplyAsync(() -> lease("b"));
    TimeUnit.MILLISECONDS.sleep(100);
    assertThat(second).isNotDone();
    first.close();
    second.get().close();
    assertThat(EVENTS).containsExactly("load a", "free a", "load b");
  }
}
