package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A version's folder whose content proves that it is whole: a label, and bytes that follow it. */
final class SealedFolder {

  private static final String LABEL = "label";
  private static final List<String> FILES = List.of("weights", "more/statistics");

  private SealedFolder() {}

  /** Writes one. */
  static Consumer<Path> labelled(String label, int mostBytes) {
    return folder -> {
      try {
        Files.createDirectory(folder.resolve("more"));
      } catch (IOException e) {
        throw new MoaException("Cannot write " + folder + ": " + e.getMessage(), e);
      }
      for (String file : FILES) {
        byte[] content = content(label, file, mostBytes);
        AtomicFile.write(folder.resolve(file), content, MoaException::new);
      }
      String seal = label + "\n" + mostBytes;
      byte[] bytes = seal.getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(folder.resolve(LABEL), bytes, MoaException::new);
    };
  }

  /**
   * Returns the label of a folder whose files are all there and as written.
   *
   * @throws MoaException if one is not
   */
  static String labelOf(Path folder) {
    try {
      String[] seal = Files.readString(folder.resolve(LABEL)).split("\n", -1);
      for (String file : FILES) {
        byte[] found = Files.readAllBytes(folder.resolve(file));
        if (!Arrays.equals(found, content(seal[0], file, Integer.parseInt(seal[1])))) {
          throw new MoaException(folder.resolve(file) + " is torn.");
        }
      }
      return seal[0];
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      throw new MoaException(folder + " is torn: " + e, e);
    }
  }

  private static byte[] content(String label, String file, int mostBytes) {
    Random random = new Random(label.hashCode() * 31L + file.hashCode());
    byte[] content = new byte[random.nextInt(mostBytes + 1)];
    random.nextBytes(content);
    return content;
  }
}
