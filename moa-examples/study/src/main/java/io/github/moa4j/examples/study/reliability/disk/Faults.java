package io.github.moa4j.examples.study.reliability.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a {@link WatchedDisk} refuses, and the record of what it did not. Not thread-safe. */
public final class Faults {

  /** What a disk without space says, on Linux. */
  static final String FULL = "No space left on device";

  private final int failing;
  private final boolean forEver;
  private long room; // bytes
  private int next;
  private final List<Operation> done = new ArrayList<>();

  private Faults(int failing, boolean forEver, long room) {
    this.failing = failing;
    this.forEver = forEver;
    this.room = room;
  }

  /** Nothing fails. */
  public static Faults none() {
    return fullAfter(Long.MAX_VALUE);
  }

  /** One operation fails, the first being 0; or, for ever, that one and all after it. */
  public static Faults from(int failing, boolean forEver) {
    return new Faults(failing, forEver, Long.MAX_VALUE);
  }

  /** The disk has room for so many more bytes. */
  public static Faults fullAfter(long bytes) {
    return new Faults(Integer.MAX_VALUE, false, bytes);
  }

  /** Called before every operation. */
  void before() throws IOException {
    int number = next++;
    if (number == failing || (forEver && number > failing)) {
      throw new IOException("Input/output error");
    }
  }

  /** Returns how many of some bytes may be written; where that is not all, the write fails. */
  int writable(int bytes) {
    int possible = (int) Math.min(room, bytes);
    room -= possible;
    return possible;
  }

  void done(Operation operation) {
    done.add(operation);
  }

  /** Returns what was done, in its order. */
  public List<Operation> operations() {
    return List.copyOf(done);
  }
}
