package io.github.moa4j.training.robustness;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Texts of no domain, from which routers learn what none of theirs is like. */
public final class GeneralText {

  private static final String EVERYDAY = "everyday.txt";
  private static final String STORIES = "stories.txt";
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Pattern PARAGRAPH = Pattern.compile("\\R\\s*\\R");
  private static final int[] LENGTHS = {3, 5, 8, 12, 20, 30, 40, 60, 90}; // words of a snippet
  private static final int[] LINES = {2, 3, 4, 6}; // joined to longer texts
  private static final int WORDS_A_SNIPPET = 12;
  private static final int FEWEST_WORDS = 3;
  private static final int JOINED = 300;
  private static final int GIBBERISH = 100;
  private static final int LONGEST_GIBBERISH = 5; // words
  private static final int LONGEST_WORD = 9;
  private static final long SEED = 17;

  private GeneralText() {}

  /**
   * Returns small talk, everyday requests, stories and reports in many languages, one by one,
   * several together, and in snippets; and keys hit at random.
   */
  public static List<String> everyday() {
    List<String> lines = resource(EVERYDAY).lines().filter(line -> !line.isBlank()).toList();
    List<String> texts = new ArrayList<>(lines);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < JOINED; i++) {
      int count = LINES[random.nextInt(LINES.length)];
      texts.add(
          random
              .ints(count, 0, lines.size())
              .mapToObj(lines::get)
              .collect(Collectors.joining(" ")));
    }
    for (String line : lines) {
      List<String> words = Arrays.asList(SPACE.split(line, -1));
      int kept = LENGTHS[random.nextInt(3)];
      if (words.size() > kept) {
        texts.add(String.join(" ", words.subList(0, kept)));
      }
      for (int snippets = words.size() / WORDS_A_SNIPPET; snippets > 0; snippets--) {
        texts.add(snippet(line, random));
      }
    }
    for (int i = 0; i < GIBBERISH; i++) {
      texts.add(gibberish(random));
    }
    return List.copyOf(texts);
  }

  /** Returns what comes with the library, by source: {@link #everyday} and {@link #stories}. */
  public static List<List<String>> shipped() {
    return List.of(everyday(), stories());
  }

  /** Returns snippets of English novels of the public domain, in 3 to 90 words. */
  public static List<String> stories() {
    return resource(STORIES).lines().filter(line -> !line.isBlank()).toList();
  }

  private static String resource(String name) {
    try (InputStream in = GeneralText.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String gibberish(SplittableRandom random) {
    List<String> words = new ArrayList<>();
    for (int left = 1 + random.nextInt(LONGEST_GIBBERISH); left > 0; left--) {
      StringBuilder word = new StringBuilder();
      random
          .ints(1 + random.nextInt(LONGEST_WORD), 'a', 'z' + 1)
          .forEach(letter -> word.append((char) letter));
      words.add(word.toString());
    }
    return String.join(" ", words);
  }

  /**
   * Takes snippets of 3 to 90 words from the paragraphs of the text files of a folder, as many from
   * each file; the same folder gives the same.
   *
   * @param folder with {@code .txt} files in UTF-8, whose paragraphs stand between empty lines
   * @param count how many snippets in all
   * @return the snippets of each file
   * @throws MoaException if a file cannot be read, or there is no paragraph of three words
   */
  public static List<List<String>> read(Path folder, int count) {
    List<List<String>> files = files(folder).stream().map(GeneralText::paragraphs).toList();
    List<List<String>> filled = files.stream().filter(file -> !file.isEmpty()).toList();
    if (filled.isEmpty()) {
      throw new MoaException(
          "The folder "
              + folder
              + " holds no general text: expected files that end with .txt, in UTF-8, with"
              + " paragraphs of three words and more.");
    }
    SplittableRandom random = new SplittableRandom(SEED);
    List<List<String>> snippets = new ArrayList<>();
    filled.forEach(file -> snippets.add(new ArrayList<>()));
    for (int i = 0; i < count; i++) {
      List<String> paragraphs = filled.get(i % filled.size());
      snippets
          .get(i % filled.size())
          .add(snippet(paragraphs.get(random.nextInt(paragraphs.size())), random));
    }
    return List.copyOf(snippets);
  }

  private static String snippet(String paragraph, SplittableRandom random) {
    List<String> words = Arrays.asList(SPACE.split(paragraph, -1));
    int length = Math.min(words.size(), LENGTHS[random.nextInt(LENGTHS.length)]);
    int from = random.nextBoolean() ? 0 : random.nextInt(words.size() - length + 1);
    return String.join(" ", words.subList(from, from + length));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    } catch (IOException e) {
      throw new MoaException(
          "The folder of general text " + folder + " cannot be read: " + Failure.reason(e), e);
    }
  }

  private static List<String> paragraphs(Path file) {
    try {
      return PARAGRAPH
          .splitAsStream(Files.readString(file, StandardCharsets.UTF_8))
          .map(String::strip)
          .filter(text -> SPACE.split(text, -1).length >= FEWEST_WORDS)
          .toList();
    } catch (IOException e) {
      throw new MoaException(
          "The general text " + file + " cannot be read as UTF-8: " + Failure.reason(e), e);
    }
  }
}
