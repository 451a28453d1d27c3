package io.github.moa4j.core.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tokens that rule a conversation: those the tokenizer declares special, those that were added
 * to the model's own vocabulary ({@code <think>}), and those that the chat template writes besides.
 */
final class ControlTokens {

  private final List<AddedToken> tokens;
  private final Map<Character, List<AddedToken>> byFirst;
  private final BitSet firsts = new BitSet();
  private final String signs;
  private final Set<Character> edges = new TreeSet<>();

  ControlTokens(Vocabulary vocabulary, ChatTemplate template) {
    this.tokens =
        vocabulary.added().stream()
            .filter(token -> !token.content().isBlank())
            .filter(
                token -> token.special() || !token.piece() || template.mentions(token.content()))
            .toList();
    this.byFirst =
        tokens.stream()
            .collect(
                Collectors.groupingBy(
                    token -> token.content().charAt(0), HashMap::new, Collectors.toList()));
    byFirst.keySet().forEach(firsts::set);
    Set<Character> all = new TreeSet<>();
    for (AddedToken token : tokens) {
      List<Character> own = signs(token.content());
      all.addAll(own);
      addEdge(token.content().charAt(0));
      addEdge(token.content().charAt(token.content().length() - 1));
    }
    this.signs = all.stream().map(String::valueOf).collect(Collectors.joining());
  }

  /** What of a token stands out from words; all of it if nothing does. */
  private static List<Character> signs(String content) {
    List<Character> all = new ArrayList<>();
    List<Character> signs = new ArrayList<>();
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (!Character.isWhitespace(c)) {
        all.add(c);
        if (isSign(c)) {
          signs.add(c);
        }
      }
    }
    return signs.isEmpty() ? all : signs;
  }

  private void addEdge(char c) {
    if (isSign(c)) {
      edges.add(c);
    }
  }

  private static boolean isSign(char c) {
    return !Character.isLetterOrDigit(c) && !Character.isWhitespace(c);
  }

  List<AddedToken> all() {
    return tokens;
  }

  /** The characters that make control tokens stand out. */
  String signs() {
    return signs;
  }

  /** Whether a character is the first or last of a control token, and no letter or digit. */
  boolean isEdge(char c) {
    return edges.contains(c);
  }

  boolean contains(int id) {
    return tokens.stream().anyMatch(token -> token.id() == id);
  }

  /** A text in which every control token has another name. */
  String replaceAll(String text, Function<AddedToken, String> name) {
    StringBuilder replaced = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      AddedToken token = at(text, i);
      if (token == null) {
        replaced.append(text.charAt(i));
      } else {
        replaced.append(name.apply(token));
        i += token.content().length() - 1;
      }
    }
    return replaced.toString();
  }

  /** The longest control token that is spelled at a place; null if none is. */
  AddedToken at(String text, int place) {
    AddedToken found = null;
    if (!firsts.get(text.charAt(place))) {
      return found;
    }
    for (AddedToken token : byFirst.getOrDefault(text.charAt(place), List.of())) {
      boolean longer = found == null || token.content().length() > found.content().length();
      if (longer && text.startsWith(token.content(), place)) {
        found = token;
      }
    }
    return found;
  }
}
