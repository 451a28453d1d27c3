package io.github.moa4j.examples.consumers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fenced block of a page. What a reader has around it, and the test must know, stands in an HTML
 * comment before it, which readers do not see:
 *
 * <pre>
 * &lt;!-- snippet
 * given: MixtureOfLoras mixture        (what the text before it has introduced)
 * import: org.example.Something        (names from other libraries)
 * with: interface Classifier { }       (declarations that the reader supplies)
 * compiled only: the reason why it is not run
 * --&gt;
 * </pre>
 *
 * @param page relative to the project's folder
 * @param line of the fence, from 1
 * @param language after the fence; empty if there is none
 * @param notes of the comment, by their key
 */
record Snippet(Path page, int line, String language, String text, Map<String, String> notes) {

  /** The project's folder. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();

  private static final Pattern BLOCK =
      Pattern.compile(
          "(?:<!-- snippet\\n(?<notes>.*?)-->\\n)?^```(?<language>\\w*)\\n(?<text>.*?)^```$",
          Pattern.DOTALL | Pattern.MULTILINE);

  /** The pages that a reader reads: those of the top folder and of {@code docs}. */
  static List<Path> pages() {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.endsWith("CHANGELOG.md"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All blocks of all pages in a language, which is empty for those that name none. */
  static List<Snippet> in(String language) {
    return pages().stream()
        .flatMap(page -> of(page).stream())
        .filter(snippet -> snippet.language.equals(language))
        .toList();
  }

  private static List<Snippet> of(Path page) {
    String text = read(page);
    List<Snippet> found = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      int line = (int) text.substring(0, blocks.start("text")).lines().count();
      found.add(
          new Snippet(
              ROOT.relativize(page),
              line,
              blocks.group("language"),
              blocks.group("text"),
              notes(blocks.group("notes"))));
    }
    return found;
  }

  private static Map<String, String> notes(String comment) {
    Map<String, String> notes = new TreeMap<>();
    if (comment != null) {
      for (String line : comment.strip().split("\n", -1)) {
        String[] note = line.split(": ", 2);
        notes.merge(note[0], note[1], (one, other) -> one + "\n" + other);
      }
    }
    return notes;
  }

  Optional<String> note(String key) {
    return Optional.ofNullable(notes.get(key));
  }

  @Override
  public String toString() {
    return page + ":" + line;
  }
}
