package io.github.moa4j.examples.study.trust;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.robustness.GeneralText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A text of no domain, asked alone and pasted beside prompts.
 *
 * @param name of its file
 * @param words all of them
 * @param snippets of 3 to 90 words
 */
public record ForeignText(String name, List<String> words, List<String> snippets) {

  private static final int PASTED = 200; // words
  private static final String EXTENSION = ".txt";

  /**
   * Reads the text files of a folder.
   *
   * @param snippets how many of each
   * @throws MoaException if one cannot be read or is too short
   */
  public static List<ForeignText> read(Path folder, int snippets) {
    List<Path> files = files(folder);
    List<List<String>> of = GeneralText.read(folder, snippets * files.size());
    List<ForeignText> texts = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      Path file = files.get(i);
      List<String> words = words(file);
      if (words.size() <= PASTED) {
        throw new MoaException(
            "The text " + file + " is too short: expected more than " + PASTED + " words.");
      }
      String name = String.valueOf(file.getFileName());
      texts.add(
          new ForeignText(name.substring(0, name.length() - EXTENSION.length()), words, of.get(i)));
    }
    return List.copyOf(texts);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(path -> path.toString().endsWith(EXTENSION)).sorted().toList();
    } catch (IOException e) {
      throw new MoaException(
          "The folder of texts " + folder + " cannot be read: " + Failure.reason(e), e);
    }
  }

  private static List<String> words(Path file) {
    try {
      return List.of(Files.readString(file).strip().split("\\s+", -1));
    } catch (IOException e) {
      throw new MoaException("The text " + file + " cannot be read: " + Failure.reason(e), e);
    }
  }

  /** Returns a prompt with 200 words of this text behind it. */
  public Example behind(Example example) {
    return example.withQuestion(example.question() + "\n" + piece(example));
  }

  /** Returns a prompt with 200 words of this text before it. */
  public Example before(Example example) {
    return example.withQuestion(piece(example) + "\n" + example.question());
  }

  /** Returns documents of 200 words, from all over the text. */
  public List<String> documents(int count) {
    long room = (long) words.size() - PASTED;
    return IntStream.range(0, count).mapToObj(i -> piece((int) (room * i / count))).toList();
  }

  private String piece(Example example) {
    return piece(Math.floorMod(31 * example.question().hashCode(), words.size() - PASTED));
  }

  private String piece(int from) {
    return String.join(" ", words.subList(from, from + PASTED));
  }
}
