package io.github.moa4j.examples.study.reliability.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The states that a loss of power could leave of a disk: what was forced is there, of the rest
 * anything may be. A file's content lasts once the file was forced, its name once its folder was; a
 * move is whole or not at all, and lasts once both folders were forced. Everything else is
 * independent of each other, which is more than most file systems allow to happen.
 */
public final class PowerCut {

  private final DiskImage before;
  private final List<Operation> operations;

  /**
   * Prepares.
   *
   * @param before the disk before the first operation, all of which is there for sure
   */
  public PowerCut(DiskImage before, List<Operation> operations) {
    this.before = before;
    this.operations = List.copyOf(operations);
  }

  /** What is done with a state. */
  public interface Visitor {
    /** Looks at a disk after some first operations, of which some are lost. */
    void visit(DiskImage disk, int operations, String lost) throws IOException;
  }

  /**
   * Visits states after each prefix of the operations: all that is not forced is there; nothing of
   * it; only one thing of it; all but one; some at random, writes half done.
   *
   * @param random so many for each prefix
   * @param every of the prefixes only every so manieth, and the longest
   */
  public void visit(int random, int every, Visitor visitor) throws IOException {
    Random choice = new Random(1);
    for (int end = operations.size(); end >= 0; end -= every) {
      List<Integer> open = unforced(end);
      List<BitSet> losses = new ArrayList<>();
      losses.add(new BitSet());
      BitSet all = new BitSet();
      open.forEach(all::set);
      if (!open.isEmpty()) {
        losses.add(all);
      }
      for (int one : open.size() > 1 ? open : List.<Integer>of()) {
        BitSet single = new BitSet();
        single.set(one);
        losses.add(single);
        BitSet others = (BitSet) all.clone();
        others.clear(one);
        losses.add(others);
      }
      for (int i = 0; i < (open.size() > 2 ? random : 0); i++) {
        BitSet some = new BitSet();
        open.stream().filter(operation -> choice.nextBoolean()).forEach(some::set);
        losses.add(some);
      }
      for (BitSet lost : losses) {
        visitor.visit(after(end, lost), end, lost.toString());
      }
    }
  }

  private DiskImage after(int end, BitSet lost) {
    DiskImage.Replay replay = before.replay();
    for (int i = 0; i < end; i++) {
      replay.apply(operations.get(i), lost.get(i));
    }
    return replay.result();
  }

  /** The operations before {@code end} that nothing behind them has made last. */
  private List<Integer> unforced(int end) {
    List<Integer> open = new ArrayList<>();
    Map<Path, Set<Integer>> waiting = new HashMap<>(); // for a file's content or a folder's names
    Map<Integer, Integer> needs = new HashMap<>(); // how many forces
    for (int i = 0; i < end; i++) {
      Operation operation = operations.get(i);
      switch (operation.kind()) {
        case WRITE, TRUNCATE -> await(waiting, needs, i, operation.path());
        case CREATE_FILE, CREATE_FOLDER, DELETE ->
            await(waiting, needs, i, operation.path().getParent());
        case MOVE -> {
          rename(waiting, operation);
          await(waiting, needs, i, operation.path().getParent());
          if (!operation.path().getParent().equals(operation.target().getParent())) {
            await(waiting, needs, i, operation.target().getParent());
          }
        }
        case FORCE ->
            waiting
                .getOrDefault(operation.path(), new HashSet<>())
                .forEach(done -> needs.merge(done, -1, Integer::sum));
      }
      if (operation.kind() == Operation.Kind.FORCE) {
        waiting.remove(operation.path());
      }
    }
    for (int i = 0; i < end; i++) {
      if (needs.getOrDefault(i, 0) > 0) {
        open.add(i);
      }
    }
    return open;
  }

  private static void await(
      Map<Path, Set<Integer>> waiting, Map<Integer, Integer> needs, int operation, Path path) {
    waiting.computeIfAbsent(path, unseen -> new HashSet<>()).add(operation);
    needs.merge(operation, 1, Integer::sum);
  }

  /** What waits for a file or folder, or anything in it, goes with it. */
  private static void rename(Map<Path, Set<Integer>> waiting, Operation move) {
    for (Path path : List.copyOf(waiting.keySet())) {
      if (path.startsWith(move.path())) {
        Path moved = move.target().resolve(move.path().relativize(path));
        Path target = path.equals(move.path()) ? move.target() : moved;
        waiting.put(target, waiting.remove(path));
      }
    }
  }
}
