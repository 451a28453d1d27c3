package io.github.moa4j.training.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Cuts English words down to their stems (Porter, 1980), with the departures from the paper that
 * NLTK makes by default, since {@code rouge-score} stems so: a few irregular words, {@code ied} and
 * {@code ies} in words of four letters, {@code y} after a consonant only, {@code bli}, {@code
 * fulli} and {@code logi}. Words are in lower case.
 */
final class PorterStemmer {

  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("sky", "sky"),
          Map.entry("skies", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("inning", "inning"),
          Map.entry("innings", "inning"),
          Map.entry("outing", "outing"),
          Map.entry("outings", "outing"),
          Map.entry("canning", "canning"),
          Map.entry("cannings", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  private static final List<Rule> PLURALS =
      rules(stem -> true, "sses", "ss", "ies", "i", "ss", "ss", "s", "");

  private static final List<Rule> DOUBLE_SUFFIXES =
      rules(
          stem -> measure(stem) > 0,
          "ational",
          "ate",
          "tional",
          "tion",
          "enci",
          "ence",
          "anci",
          "ance",
          "izer",
          "ize",
          "bli",
          "ble",
          "alli",
          "al",
          "entli",
          "ent",
          "eli",
          "e",
          "ousli",
          "ous",
          "ization",
          "ize",
          "ation",
          "ate",
          "ator",
          "ate",
          "alism",
          "al",
          "iveness",
          "ive",
          "fulness",
          "ful",
          "ousness",
          "ous",
          "aliti",
          "al",
          "iviti",
          "ive",
          "biliti",
          "ble",
          "fulli",
          "ful");

  private static final List<Rule> SUFFIXES =
      rules(
          stem -> measure(stem) > 0,
          "icate",
          "ic",
          "ative",
          "",
          "alize",
          "al",
          "iciti",
          "ic",
          "ical",
          "ic",
          "ful",
          "",
          "ness",
          "");

  private static final List<Rule> ENDINGS =
      rules(
          stem -> measure(stem) > 1,
          "al",
          "",
          "ance",
          "",
          "ence",
          "",
          "er",
          "",
          "ic",
          "",
          "able",
          "",
          "ible",
          "",
          "ant",
          "",
          "ement",
          "",
          "ment",
          "",
          "ent",
          "",
          "ou",
          "",
          "ism",
          "",
          "ate",
          "",
          "iti",
          "",
          "ous",
          "",
          "ive",
          "",
          "ize",
          "");

  private PorterStemmer() {}

  /** A suffix and what takes its place if the stem before it meets a condition. */
  private record Rule(String suffix, String replacement, Predicate<String> condition) {}

  /** Returns the stem of a word. */
  static String stem(String word) {
    if (IRREGULAR.containsKey(word)) {
      return IRREGULAR.get(word);
    }
    if (word.length() <= 2) {
      return word;
    }
    String stem = finalY(pastAndParticiple(plural(word)));
    return finalLetters(ending(apply(SUFFIXES, doubleSuffix(stem))));
  }

  private static String plural(String word) {
    return word.length() == 4 && word.endsWith("ies") ? cut(word, 1) : apply(PLURALS, word);
  }

  private static String pastAndParticiple(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    return before(word, "ed")
        .filter(PorterStemmer::hasVowel)
        .or(() -> before(word, "ing").filter(PorterStemmer::hasVowel))
        .map(PorterStemmer::repaired)
        .orElse(word);
  }

  /** What is left of a word without {@code ed} or {@code ing}, with its silent e again. */
  private static String repaired(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    if (endsInDoubleConsonant(stem)) {
      return "lsz".indexOf(stem.charAt(stem.length() - 1)) < 0 ? cut(stem, 1) : stem;
    }
    return measure(stem) == 1 && endsInShortSyllable(stem) ? stem + "e" : stem;
  }

  private static String finalY(String word) {
    return before(word, "y")
        .filter(stem -> stem.length() > 1 && isConsonant(stem, stem.length() - 1))
        .map(stem -> stem + "i")
        .orElse(word);
  }

  private static String doubleSuffix(String word) {
    if (word.endsWith("alli") && measure(cut(word, 4)) > 0) {
      return doubleSuffix(cut(word, 2));
    }
    if (word.endsWith("logi")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    return apply(DOUBLE_SUFFIXES, word);
  }

  private static String ending(String word) {
    if (word.endsWith("ion")) {
      String stem = cut(word, 3);
      boolean fits = stem.endsWith("s") || stem.endsWith("t");
      return fits && measure(stem) > 1 ? stem : word;
    }
    return apply(ENDINGS, word);
  }

  private static String finalLetters(String word) {
    String withoutE =
        before(word, "e")
            .filter(stem -> measure(stem) > 1 || (measure(stem) == 1 && !endsInShortSyllable(stem)))
            .orElse(word);
    return withoutE.endsWith("ll") && measure(cut(withoutE, 1)) > 1 ? cut(withoutE, 1) : withoutE;
  }

  /** Applies the first rule whose suffix the word has, and no other. */
  private static String apply(List<Rule> rules, String word) {
    for (Rule rule : rules) {
      if (word.endsWith(rule.suffix())) {
        String stem = cut(word, rule.suffix().length());
        return rule.condition().test(stem) ? stem + rule.replacement() : word;
      }
    }
    return word;
  }

  private static List<Rule> rules(Predicate<String> condition, String... suffixes) {
    Rule[] rules = new Rule[suffixes.length / 2];
    Arrays.setAll(rules, i -> new Rule(suffixes[2 * i], suffixes[2 * i + 1], condition));
    return List.of(rules);
  }

  private static Optional<String> before(String word, String suffix) {
    return Optional.of(word)
        .filter(one -> one.endsWith(suffix))
        .map(one -> cut(one, suffix.length()));
  }

  private static String cut(String word, int letters) {
    return word.substring(0, word.length() - letters);
  }

  /** How many times consonants follow vowels: the paper's m. */
  private static int measure(String stem) {
    int measure = 0;
    for (int i = 1; i < stem.length(); i++) {
      measure += !isConsonant(stem, i - 1) && isConsonant(stem, i) ? 1 : 0;
    }
    return measure;
  }

  private static boolean hasVowel(String stem) {
    for (int i = 0; i < stem.length(); i++) {
      if (!isConsonant(stem, i)) {
        return true;
      }
    }
    return false;
  }

  /** A y is a consonant at the start of a word and after a vowel. */
  private static boolean isConsonant(String word, int position) {
    boolean consonant = true;
    for (int i = 0; i <= position; i++) {
      char letter = word.charAt(i);
      consonant = letter == 'y' ? i == 0 || !consonant : "aeiou".indexOf(letter) < 0;
    }
    return consonant;
  }

  private static boolean endsInDoubleConsonant(String word) {
    int last = word.length() - 1;
    return last >= 1 && word.charAt(last) == word.charAt(last - 1) && isConsonant(word, last);
  }

  /** Consonant, vowel, consonant other than w, x and y; or the latter two alone. */
  private static boolean endsInShortSyllable(String word) {
    int last = word.length() - 1;
    if (last < 1 || isConsonant(word, last - 1) || !isConsonant(word, last)) {
      return false;
    }
    return last == 1 || (isConsonant(word, last - 2) && "wxy".indexOf(word.charAt(last)) < 0);
  }
}
