package io.github.moa4j.examples.study.trust;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.robustness.PromptForm;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A form in which prompts are asked: those of {@link PromptForm}, of which routers learn some, and
 * forms in which capitals and small letters are mixed otherwise than a writer would.
 *
 * @param title its name in words
 * @param change makes an example in it of one as it is written
 */
public record AskedForm(String title, UnaryOperator<Example> change) {

  private static final long SEED = 1;
  private static final int EVERY = 5; // words
  private static final Pattern WORD_START = Pattern.compile("(?<![\\p{L}\\p{N}'])\\p{Ll}");
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?:]\\s|\\n|$");

  /** Returns all forms, the one as written first. */
  public static List<AskedForm> all() {
    Stream<AskedForm> learnt =
        Arrays.stream(PromptForm.values())
            .map(form -> new AskedForm(form.title(), example -> form.of(example, SEED)));
    Stream<AskedForm> mixed =
        Stream.of(
            of("in Title Case", AskedForm::inTitleCase),
            of("one line in capitals", AskedForm::oneLineInCapitals),
            of("first sentence in capitals", AskedForm::firstSentenceInCapitals),
            of("every fifth word in capitals", AskedForm::everyFifthWordInCapitals));
    return Stream.concat(learnt, mixed).toList();
  }

  /**
   * Returns the forms of these titles; all of none.
   *
   * @throws MoaException if there is none of a title
   */
  public static List<AskedForm> of(Set<String> titles) {
    List<AskedForm> chosen =
        all().stream().filter(form -> titles.isEmpty() || titles.contains(form.title())).toList();
    if (!titles.isEmpty() && chosen.size() < titles.size()) {
      throw new MoaException(
          "There is no such form among %s; expected some of %s"
              .formatted(titles, all().stream().map(AskedForm::title).toList()));
    }
    return chosen;
  }

  private static AskedForm of(String title, UnaryOperator<String> change) {
    return new AskedForm(title, example -> example.withQuestion(change.apply(example.question())));
  }

  private static String inTitleCase(String text) {
    return WORD_START.matcher(text).replaceAll(start -> capitals(start.group()));
  }

  /** The last line that holds anything. */
  private static String oneLineInCapitals(String text) {
    String[] lines = text.split("\n", -1);
    int last = lines.length - 1;
    while (last > 0 && lines[last].isBlank()) {
      last--;
    }
    lines[last] = capitals(lines[last]);
    return String.join("\n", lines);
  }

  private static String firstSentenceInCapitals(String text) {
    Matcher end = SENTENCE_END.matcher(text);
    int first = end.find() ? end.end() : text.length();
    return capitals(text.substring(0, first)) + text.substring(first);
  }

  private static String everyFifthWordInCapitals(String text) {
    StringBuilder changed = new StringBuilder();
    Matcher words = WORD.matcher(text);
    for (int word = 1; words.find(); word++) {
      words.appendReplacement(
          changed,
          Matcher.quoteReplacement(word % EVERY == 0 ? capitals(words.group()) : words.group()));
    }
    return words.appendTail(changed).toString();
  }

  private static String capitals(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
