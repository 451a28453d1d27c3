package io.github.moa4j.examples.domains;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences and what they mean, drawn from the rules of text files. A file has sections, {@code ==
 * name}, of one rule a line, {@code words => meaning}:
 *
 * <ul>
 *   <li>{@code (a|b|)} stands for one of its alternatives; they nest;
 *   <li>{@code {name}} is a slot that a rule of that section fills; in the meaning it stands for
 *       the meaning of what filled it. {@code {label=name}} tells two slots of a section apart, and
 *       {@code {label}} behind it says the same again;
 *   <li>{@code {n=2-90}} is a number, {@code {m=00-59}} one with leading zeros, which means the
 *       number without them; {@code {made}} is any word, two thirds of the time one that does not
 *       exist, {@code {Made}} the same as a name, {@code {MADE}} in capitals;
 *   <li>a rule without a meaning is a value: it means what it says, letter by letter;
 *   <li>{@code ?{name}} in a meaning is a parameter: a {@code ?} stands for it, and what filled the
 *       slot follows behind the whole meaning, after a bar;
 *   <li>{@code 5* } before a rule makes it as probable as five;
 *   <li>a backslash before one of <code>( | ) { }</code> takes the meaning from it.
 * </ul>
 *
 * <p>A section {@code name!} holds values that are never trained on, and stands in for {@code name}
 * when {@linkplain #draw unseen values} are asked for. Immutable and thread-safe.
 */
final class Grammar {

  private static final Pattern SLOT = Pattern.compile("\\{([A-Za-z0-9]+)(?:=([A-Za-z0-9-]+))?}");
  private static final Pattern RANGE = Pattern.compile("(\\d+)-(\\d+)");
  private static final Pattern WEIGHT = Pattern.compile("(\\d+)\\* (.*)");
  private static final Pattern PARAMETER = Pattern.compile("\\?\uE000(.*?)\uE001");
  private static final String MEANS = " => ";
  private static final String SIGNS = "(|){}";
  private static final char FIRST_SHIELDED = '\uE010';
  private static final List<String> ONSETS =
      List.of(
          "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "qu",
          "r", "s", "sh", "st", "t", "tr", "v", "w", "y", "z");
  private static final List<String> VOWELS = List.of("a", "e", "i", "o", "u", "ai", "ea", "oo");
  private static final List<String> ENDS =
      List.of("", "", "n", "r", "l", "s", "t", "x", "m", "nd", "ck", "lt");

  /** A rule: the words, and what they mean; a value means its words. */
  private record Rule(String words, String meaning, boolean value) {}

  /** A stretch of a sentence; a value must stay as it is. */
  record Piece(String text, boolean value) {}

  /** A sentence with its meaning. */
  record Sentence(List<Piece> pieces, String meaning) {

    String text() {
      StringBuilder text = new StringBuilder();
      pieces.forEach(piece -> text.append(piece.text()));
      return text.toString();
    }
  }

  private static final int LONGEST_WORD = 12; // letters
  private static final int ATTEMPTS = 20; // to say something else than before

  private final Map<String, List<Rule>> sections;

  private Grammar(Map<String, List<Rule>> sections) {
    this.sections = sections;
  }

  /** Reads resource files of this package; what one says stands beside what the others say. */
  static Grammar of(String... resources) {
    Map<String, List<Rule>> sections = new LinkedHashMap<>();
    for (String resource : resources) {
      String section = "";
      for (String line : read(resource).lines().toList()) {
        if (line.startsWith("== ")) {
          section = line.substring(3).strip();
        } else if (!line.isBlank() && !line.startsWith("#")) {
          add(line.strip(), sections.computeIfAbsent(section, any -> new ArrayList<>()));
        }
      }
    }
    return new Grammar(sections);
  }

  private static void add(String line, List<Rule> rules) {
    Matcher weight = WEIGHT.matcher(line);
    int times = weight.matches() ? Integer.parseInt(weight.group(1)) : 1;
    String rule = weight.matches() ? weight.group(2) : line;
    int at = rule.indexOf(MEANS);
    String words = at < 0 ? rule : rule.substring(0, at);
    for (int i = 0; i < times; i++) {
      rules.add(
          new Rule(shielded(words), at < 0 ? "" : rule.substring(at + MEANS.length()), at < 0));
    }
  }

  /** Puts characters of no meaning in place of signs behind a backslash. */
  private static String shielded(String words) {
    String shielded = words;
    for (int i = 0; i < SIGNS.length(); i++) {
      shielded = shielded.replace("\\" + SIGNS.charAt(i), Character.toString(FIRST_SHIELDED + i));
    }
    return shielded;
  }

  private static String unshielded(String text) {
    String plain = text;
    for (int i = 0; i < SIGNS.length(); i++) {
      plain = plain.replace((char) (FIRST_SHIELDED + i), SIGNS.charAt(i));
    }
    return plain;
  }

  private static String read(String resource) {
    try (InputStream in = Grammar.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the number of rules of a section, however probable each is. */
  long rules(String section) {
    return sections.getOrDefault(section, List.of()).stream().distinct().count();
  }

  /** Tells whether a word is kept for values that are never trained on. */
  private boolean isReserved(String word) {
    return sections.get("reserved").stream().anyMatch(rule -> rule.words().equals(word));
  }

  /**
   * Draws a sentence.
   *
   * @param unseenValues fill slots from the sections that are held back
   */
  Sentence draw(String section, boolean unseenValues, RandomGenerator random) {
    Sentence drawn = new Drawing(unseenValues, random).expand(section);
    Matcher parameter = PARAMETER.matcher(drawn.meaning());
    StringBuilder behind = new StringBuilder();
    while (parameter.find()) {
      behind.append(" | ").append(parameter.group(1));
    }
    return new Sentence(drawn.pieces(), parameter.replaceAll("?") + behind);
  }

  /**
   * One draw; values are in lower case throughout where the writer has no patience for capitals.
   */
  private final class Drawing {

    private final boolean unseenValues;
    private final RandomGenerator random;
    private final boolean lowerCase;

    Drawing(boolean unseenValues, RandomGenerator random) {
      this.unseenValues = unseenValues;
      this.random = random;
      this.lowerCase = Draw.chance(random, 0.12);
    }

    Sentence expand(String source) {
      Matcher range = RANGE.matcher(source);
      if (range.matches()) {
        return number(range.group(1), range.group(2));
      }
      return switch (source) {
        case "made" -> value(word());
        case "Made" -> value(name(word()));
        case "MADE" -> value(word().toUpperCase(Locale.ROOT));
        default -> ofRules(source);
      };
    }

    private Sentence ofRules(String source) {
      List<Rule> held = sections.get(source + "!");
      List<Rule> rules = unseenValues && held != null ? held : sections.get(source);
      if (rules == null) {
        throw new IllegalArgumentException("No section '" + source + "' in the rules");
      }
      Rule rule = Draw.oneOf(random, rules);
      List<Piece> pieces = new ArrayList<>();
      Map<String, Sentence> slots = new HashMap<>();
      fill(choose(rule.words()), pieces, slots);
      if (rule.value()) {
        return value(new Sentence(pieces, "").text());
      }
      return new Sentence(pieces, meaning(rule, slots));
    }

    private Sentence value(String text) {
      String written = lowerCase ? text.toLowerCase(Locale.ROOT) : text;
      return new Sentence(List.of(new Piece(written, true)), written);
    }

    private Sentence number(String first, String last) {
      int number = Draw.number(random, Integer.parseInt(first), Integer.parseInt(last));
      String digits = Integer.toString(number);
      boolean padded = first.length() > 1 && first.startsWith("0");
      String written = padded ? "0".repeat(Math.max(0, first.length() - digits.length())) : "";
      return new Sentence(List.of(new Piece(written + digits, true)), digits);
    }

    private String word() {
      return switch (random.nextInt(3)) {
        case 0 -> expand("anyword").meaning();
        case 1 -> joined();
        default -> madeUp();
      };
    }

    private static String name(String word) {
      return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    /** Pieces of the tokenizer, so that none is left that was never copied. */
    private String joined() {
      String word;
      do {
        word = expand("beginning").meaning() + expand("middle").meaning();
      } while (word.length() > LONGEST_WORD || isReserved(word) || isReserved(word + "s"));
      return word;
    }

    private String madeUp() {
      StringBuilder word = new StringBuilder();
      int syllables = Draw.number(random, 1, 3);
      for (int i = 0; i < syllables; i++) {
        word.append(Draw.oneOf(random, ONSETS)).append(Draw.oneOf(random, VOWELS));
      }
      return word.append(Draw.oneOf(random, ENDS)).toString();
    }

    private void fill(String words, List<Piece> pieces, Map<String, Sentence> slots) {
      Matcher slot = SLOT.matcher(words);
      int end = 0;
      for (; slot.find(); end = slot.end()) {
        literal(words.substring(end, slot.start()), pieces);
        String label = slot.group(1);
        Sentence again = slot.group(2) == null ? slots.get(label) : null;
        Sentence filled =
            again == null
                ? another(slot.group(2) == null ? label : slot.group(2), slots.values())
                : again;
        pieces.addAll(filled.pieces());
        slots.put(label, filled);
      }
      literal(words.substring(end), pieces);
    }

    /** Fills a slot; nobody asks for the name and the name. */
    private Sentence another(String source, Collection<Sentence> others) {
      Sentence filled = expand(source);
      for (int i = 0; i < ATTEMPTS && !filled.text().isEmpty() && others.contains(filled); i++) {
        filled = expand(source);
      }
      return filled;
    }

    private void literal(String text, List<Piece> pieces) {
      if (!text.isEmpty()) {
        pieces.add(new Piece(unshielded(text), false));
      }
    }

    /** Decides all alternatives, the innermost first. */
    private String choose(String words) {
      String chosen = words;
      for (int close = chosen.indexOf(')'); close >= 0; close = chosen.indexOf(')')) {
        int open = chosen.lastIndexOf('(', close);
        if (open < 0) {
          throw new IllegalArgumentException("No '(' before a ')' in the rule: " + words);
        }
        String[] alternatives = chosen.substring(open + 1, close).split("\\|", -1);
        chosen =
            chosen.substring(0, open)
                + Draw.oneOf(random, alternatives)
                + chosen.substring(close + 1);
      }
      return chosen;
    }

    private String meaning(Rule rule, Map<String, Sentence> slots) {
      Matcher slot = SLOT.matcher(rule.meaning());
      StringBuilder meaning = new StringBuilder();
      while (slot.find()) {
        Sentence filled = slots.get(slot.group(1));
        if (filled == null) {
          throw new IllegalArgumentException(
              "Nothing fills '" + slot.group(1) + "' in the rule: " + rule.words());
        }
        boolean parameter = slot.start() > 0 && rule.meaning().charAt(slot.start() - 1) == '?';
        String means = parameter ? "\uE000" + filled.meaning() + "\uE001" : filled.meaning();
        slot.appendReplacement(meaning, Matcher.quoteReplacement(means));
      }
      return slot.appendTail(meaning).toString();
    }
  }
}
