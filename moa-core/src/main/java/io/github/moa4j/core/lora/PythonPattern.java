package io.github.moa4j.core.lora;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.github.moa4j.core.files.Failure;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * A regular expression of Python from a file that nobody vouches for, matched in a time that is
 * linear in the text (RE2/J), so that no pattern can hang a reader. RE2 lacks lookarounds; those
 * that do not stand inside a group are matched beside it, at every place of the text where the
 * expression before them can end. Backreferences, conditions and lookarounds inside groups are
 * refused by name.
 *
 * <p>Not thread-safe, and good for a limited number of steps.
 */
final class PythonPattern {

  private static final int MAX_SIZE = 200_000; // characters times counted repetitions
  private static final int MAX_NESTING = 100;
  private static final long MAX_STEPS = 1_000_000_000;
  private static final int CALL_STEPS = 1_000; // what starting the engine costs
  private static final long COMPILE_STEPS = 300; // a character

  /**
   * One piece of a sequence.
   *
   * @param looksAround whether it takes no characters
   * @param behind whether it looks back rather than ahead
   * @param wanted whether it must match, or must not
   * @param size steps a character
   */
  private record Piece(
      Pattern pattern, boolean looksAround, boolean behind, boolean wanted, long size) {}

  private final String source;
  private final List<List<Piece>> alternatives = new ArrayList<>();
  private long steps;

  /**
   * Compiles a pattern.
   *
   * @throws AdapterException if Python or this class cannot take it
   */
  PythonPattern(String source) {
    this(source, "");
  }

  private PythonPattern(String source, String prefix) {
    this.source = source;
    PythonSyntax syntax = PythonSyntax.of(source, prefix);
    if (source.length() * syntax.repetitions() > MAX_SIZE || syntax.nesting() > MAX_NESTING) {
      throw refused("is too large");
    }
    for (List<PythonSyntax.Part> sequence : syntax.alternatives()) {
      List<Piece> pieces = new ArrayList<>();
      for (PythonSyntax.Part part : sequence) {
        pieces.add(
            new Piece(
                compile(syntax.flags() + part.regex()),
                part.looksAround(),
                part.behind(),
                part.wanted(),
                (part.regex().length() + 1) * syntax.repetitions()));
      }
      alternatives.add(pieces);
    }
  }

  /**
   * A pattern for a whole path or for what stands behind one of its dots.
   *
   * @param spent the steps that other patterns of its map have taken: all share one limit
   */
  static PythonPattern ofEnd(String source, long spent) {
    PythonPattern pattern = new PythonPattern(source, "(?:.*\\.)?");
    pattern.steps = spent;
    pattern.spend(source.length() * COMPILE_STEPS);
    return pattern;
  }

  /** The steps taken, those before it included. */
  long steps() {
    return steps;
  }

  private Pattern compile(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (StackOverflowError e) { // RE2/J goes down a long pattern step by step
      throw refused("is too large");
    } catch (PatternSyntaxException e) {
      throw refused("is no regular expression that can be matched: " + e.getDescription());
    }
  }

  private AdapterException refused(String why) {
    return new AdapterException("The pattern \"" + Failure.quote(source) + "\" " + why + ".");
  }

  /** Whether it matches a whole text, as {@code re.fullmatch} does. */
  boolean matches(String text) {
    try {
      return alternatives.stream().anyMatch(pieces -> matches(pieces, text));
    } catch (StackOverflowError e) {
      throw refused("is too large");
    }
  }

  private boolean matches(List<Piece> pieces, String text) {
    BitSet places = new BitSet(); // where the pieces so far can end
    places.set(0);
    for (int i = 0; i < pieces.size() && !places.isEmpty(); i++) {
      Piece piece = pieces.get(i);
      BitSet next = new BitSet();
      for (int at = places.nextSetBit(0); at >= 0; at = places.nextSetBit(at + 1)) {
        if (!piece.looksAround()) {
          for (int end = i == pieces.size() - 1 ? text.length() : at; end <= text.length(); end++) {
            next.set(end, next.get(end) || fits(piece, text.substring(at, end)));
          }
        } else if (sees(piece, text, at) == piece.wanted()) {
          next.set(at);
        }
      }
      places = next;
    }
    return places.get(text.length());
  }

  private boolean fits(Piece piece, String text) {
    spend(piece, text);
    return piece.pattern().matches(text);
  }

  private boolean sees(Piece piece, String text, int at) {
    if (!piece.behind()) {
      String ahead = text.substring(at);
      spend(piece, ahead);
      return piece.pattern().matcher(ahead).lookingAt();
    }
    for (int start = 0; start <= at; start++) {
      if (fits(piece, text.substring(start, at))) {
        return true;
      }
    }
    return false;
  }

  /**
   * The number that the group {@code idx} holds at the start of a text, -1 if the group takes no
   * part; nothing without a match.
   */
  OptionalInt index(String text) {
    for (List<Piece> pieces : alternatives) {
      if (pieces.size() > 1) {
        throw refused("holds a lookaround, which is not possible here");
      }
      spend(pieces.get(0), text);
      Matcher matcher = pieces.get(0).pattern().matcher(text);
      if (matcher.lookingAt()) {
        boolean named = pieces.get(0).pattern().namedGroups().containsKey("idx");
        String index = named ? matcher.group("idx") : null;
        return OptionalInt.of(index == null ? -1 : Integer.parseInt(index));
      }
    }
    return OptionalInt.empty();
  }

  private void spend(Piece piece, String text) {
    spend(CALL_STEPS + (text.length() + 1) * piece.size());
  }

  private void spend(long more) {
    steps += more;
    if (steps > MAX_STEPS) {
      throw refused("takes too long to match");
    }
  }
}
