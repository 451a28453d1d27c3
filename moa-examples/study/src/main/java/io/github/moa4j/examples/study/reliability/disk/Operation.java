package io.github.moa4j.examples.study.reliability.disk;

import java.nio.file.Path;

/**
 * One thing that was done to a disk and changes it, or makes a change last.
 *
 * @param kind what
 * @param path to which file or folder, as it was named then
 * @param target the new name of what was moved; else {@code path}
 * @param offset of what was written
 * @param bytes what was written; empty otherwise
 */
public record Operation(Kind kind, Path path, Path target, long offset, byte[] bytes) {

  /** What was done. */
  public enum Kind {
    CREATE_FILE,
    CREATE_FOLDER,
    WRITE,
    TRUNCATE,
    DELETE,
    MOVE,
    FORCE
  }

  static Operation of(Kind kind, Path path) {
    return new Operation(kind, path, path, 0, new byte[0]);
  }

  @Override
  public String toString() {
    return kind + " " + path + (path.equals(target) ? "" : " to " + target);
  }
}
