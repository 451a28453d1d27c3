package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a task says of the domain that it trained. Of several tasks that trained the same one, Spark
 * hands the driver the word of one only; that one's files are taken, and the others' are deleted.
 *
 * @param domain its name
 * @param folder where the files are, below the folder of the whole training
 * @param hashes the SHA-256 of each file, by its name
 * @param refusal why the domain cannot be trained, on no machine and however often; null if it was
 */
record Attempt(String domain, String folder, SortedMap<String, String> hashes, String refusal)
    implements Serializable {

  /** A domain that was trained, with its files in a folder of this machine. */
  static Attempt trained(String domain, String folder, Path files) {
    return new Attempt(domain, folder, hashes(files), null);
  }

  /** A domain that cannot be trained. */
  static Attempt refused(String domain, String reason) {
    return new Attempt(domain, "", new TreeMap<>(), reason);
  }

  /**
   * Checks that files are those that the task wrote.
   *
   * @throws MoaException if one is missing, changed or new
   */
  void check(Path files) {
    SortedMap<String, String> found = hashes(files);
    if (!found.equals(hashes)) {
      throw new MoaException(
          "The files of domain '"
              + domain
              + "' are not those that were written after its training: found "
              + found
              + ", expected "
              + hashes
              + ". Train it again.");
    }
  }

  private static SortedMap<String, String> hashes(Path folder) {
    SortedMap<String, String> hashes = new TreeMap<>();
    try {
      for (Path file : DurableFiles.list(folder)) {
        hashes.put(file.getFileName().toString(), Sha256.of(file, MoaException::new));
      }
      return hashes;
    } catch (IOException e) {
      throw new MoaException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }
}
