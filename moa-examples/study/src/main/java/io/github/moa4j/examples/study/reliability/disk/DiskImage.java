package io.github.moa4j.examples.study.reliability.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files and folders below a folder, in memory. Immutable. */
public final class DiskImage {

  /** A file or a folder, whatever its name is or whether it has one. */
  private static final class Node {
    final Map<String, Node> entries; // null for a file
    byte[] content = new byte[0];

    Node(boolean folder) {
      entries = folder ? new TreeMap<>() : null;
    }

    Node copy() {
      Node copy = new Node(entries != null);
      copy.content = content;
      if (entries != null) {
        entries.forEach((name, node) -> copy.entries.put(name, node.copy()));
      }
      return copy;
    }
  }

  private final Path root;
  private final Node top;

  private DiskImage(Path root, Node top) {
    this.root = root;
    this.top = top;
  }

  /** Reads a folder. */
  public static DiskImage of(Path folder) throws IOException {
    return new DiskImage(folder, read(folder));
  }

  private static Node read(Path path) throws IOException {
    Node node = new Node(Files.isDirectory(path));
    if (node.entries == null) {
      node.content = Files.readAllBytes(path);
      return node;
    }
    try (Stream<Path> entries = Files.list(path)) {
      for (Path entry : entries.toList()) {
        node.entries.put(entry.getFileName().toString(), read(entry));
      }
    }
    return node;
  }

  /** Writes it into a folder that does not exist. */
  public void writeTo(Path folder) throws IOException {
    write(top, folder);
  }

  private static void write(Node node, Path path) throws IOException {
    if (node.entries == null) {
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(node.content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      return;
    }
    Files.createDirectory(path);
    for (Map.Entry<String, Node> entry : node.entries.entrySet()) {
      write(entry.getValue(), path.resolve(entry.getKey()));
    }
  }

  Replay replay() {
    return new Replay(root, top.copy());
  }

  /**
   * Operations that are done to an image again, some of which are lost. Two trees are kept: the one
   * that the program saw, by whose names operations are understood, and the one that lasts.
   */
  static final class Replay {
    private final Path root;
    private final Node lasting;
    private final Map<Path, Node> seen = new TreeMap<>(); // by the name that the program knew

    private Replay(Path root, Node lasting) {
      this.root = root;
      this.lasting = lasting;
      see(root, lasting);
    }

    private void see(Path path, Node node) {
      seen.put(path, node);
      if (node.entries != null) {
        node.entries.forEach((name, entry) -> see(path.resolve(name), entry));
      }
    }

    void apply(Operation operation, boolean lost) {
      Path path = operation.path();
      switch (operation.kind()) {
        case CREATE_FILE -> create(path, new Node(false), lost);
        case CREATE_FOLDER -> create(path, new Node(true), lost);
        case WRITE -> write(seen.get(path), operation, lost);
        case TRUNCATE -> {
          if (!lost) {
            Node file = seen.get(path);
            file.content = Arrays.copyOf(file.content, (int) operation.offset());
          }
        }
        case DELETE -> {
          Node folder = seen.get(path.getParent());
          if (!lost) {
            folder.entries.remove(name(path), seen.get(path));
          }
          seen.remove(path);
        }
        case MOVE -> move(path, operation.target(), lost);
        case FORCE -> {}
      }
    }

    private void create(Path path, Node node, boolean lost) {
      seen.put(path, node);
      if (!lost) {
        seen.get(path.getParent()).entries.put(name(path), node);
      }
    }

    /** Of a write that is lost, half may be there; of one of an odd length nothing is. */
    private static void write(Node file, Operation operation, boolean lost) {
      int all = operation.bytes().length;
      int length = !lost ? all : all % 2 == 0 ? all / 2 : 0;
      int end = (int) operation.offset() + length;
      file.content = Arrays.copyOf(file.content, Math.max(end, file.content.length));
      System.arraycopy(operation.bytes(), 0, file.content, (int) operation.offset(), length);
    }

    private void move(Path from, Path to, boolean lost) {
      Node node = seen.get(from);
      if (!lost) {
        seen.get(from.getParent()).entries.remove(name(from), node);
        seen.get(to.getParent()).entries.put(name(to), node);
      }
      for (Path path : seen.keySet().stream().filter(p -> p.startsWith(from)).toList()) {
        Path moved = path.equals(from) ? to : to.resolve(from.relativize(path));
        seen.put(moved, seen.remove(path));
      }
    }

    private static String name(Path path) {
      return path.getFileName().toString();
    }

    DiskImage result() {
      return new DiskImage(root, lasting);
    }
  }
}
