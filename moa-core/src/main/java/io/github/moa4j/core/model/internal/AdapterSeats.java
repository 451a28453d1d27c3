package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.TensorList;
import io.github.moa4j.core.lora.internal.FusedLora;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies of the adapters of a running batch in one part: one product over all seats serves them
 * all. An adapter keeps its seat while others come and go, so that a step copies nothing.
 *
 * <p>Owns native memory; not thread-safe.
 */
final class AdapterSeats {

  private static final int FEWEST = 8;

  private final DecoderKernel kernel;
  private final NDManager owner;
  private final List<Object> seated = new ArrayList<>(); // what each copy was made of
  private NDManager manager;
  private TensorList tensors;

  AdapterSeats(DecoderKernel kernel, NDManager owner) {
    this.kernel = kernel;
    this.owner = owner;
  }

  /**
   * Gives every adapter a seat, the seat of one that is not at work if need be.
   *
   * @return false if they are too different to sit beside each other
   */
  boolean seat(List<FusedLora> adapters) {
    List<Object> atWork = new ArrayList<>();
    adapters.forEach(adapter -> atWork.add(adapter.identity()));
    for (FusedLora adapter : adapters) {
      if (!seated.contains(adapter.identity()) && !takeFree(adapter, atWork)) {
        return refill(adapters);
      }
    }
    return true;
  }

  private boolean takeFree(FusedLora adapter, List<Object> atWork) {
    Optional<Integer> free = Optional.empty();
    for (int seat = 0; seat < seated.size() && free.isEmpty(); seat++) {
      free = atWork.contains(seated.get(seat)) ? free : Optional.of(seat);
    }
    if (free.isEmpty() || !kernel.takeSeat(tensors, adapter.tensors(), free.get())) {
      return false;
    }
    seated.set(free.get(), adapter.identity());
    return true;
  }

  /** Starts again, with room for others of the present adapters' width. */
  private boolean refill(List<FusedLora> adapters) {
    if (manager != null) {
      manager.close();
    }
    seated.clear();
    int seats = Math.max(FEWEST, adapters.size() + adapters.size() / 2);
    manager = owner.newSubManager();
    tensors = kernel.newSeats(manager, seats, adapters.stream().map(FusedLora::tensors).toList());
    for (int seat = 0; seat < seats; seat++) {
      seated.add(null);
    }
    boolean fits = true;
    for (int seat = 0; seat < adapters.size(); seat++) {
      fits &= kernel.takeSeat(tensors, adapters.get(seat).tensors(), seat);
      seated.set(seat, adapters.get(seat).identity());
    }
    if (!fits) {
      seated.clear();
    }
    return fits;
  }

  /** Returns the adapters in their seats. */
  TensorList tensors() {
    return tensors;
  }

  /** Returns an adapter's seat. */
  int seatOf(FusedLora adapter) {
    return seated.indexOf(adapter.identity());
  }
}
