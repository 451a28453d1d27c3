package io.github.moa4j.core.constraint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.core.text.TokenBytes;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is decided for many tokens at once is what each of them by itself would be told. */
final class TokenAutomatonTest {

  private static final int VOCABULARY = 4100; // with four that the tokenizer does not know
  private static final int END = 4099;

  private static TokenBytes bytes(String tokenizer) {
    try (TextTokenizer opened = TextTokenizer.open(Path.of("src/test/resources", tokenizer))) {
      return opened.tokenBytes();
    }
  }

  /** Which tokens lead on, tried one by one. */
  private static BitSet oneByOne(TextAutomaton text, State state, TokenBytes tokens, int limit) {
    BitSet allowed = new BitSet();
    for (int place = 0; place < tokens.size(); place++) {
      State at = behind(text, state, tokens.sorted(place));
      if (at != TextAutomaton.DEAD && at.distance() <= limit) {
        allowed.set(tokens.id(place));
      }
    }
    return allowed;
  }

  private static State behind(TextAutomaton text, State state, byte[] token) {
    State at = state;
    for (byte b : token) {
      at = text.step(at, b & 0xFF);
    }
    return at;
  }

  private static BitSet allowed(TokenMask mask) {
    BitSet ids = new BitSet();
    byte[] flags = new byte[VOCABULARY + 2];
    mask.write(flags, 1, VOCABULARY + 1);
    IntStream.range(0, VOCABULARY).filter(id -> flags[id + 1] == 1).forEach(ids::set);
    return ids;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a-z]{3,2000}",
        "[a-z ]{0,12}[a-z]{2}!",
        "(?:[a-z]{1,3} ){2,5}\\.",
        "[^a]{5,9}",
        ".*the.{0,4}",
        "(?:a|b|c){4,7}|[a-f]{2,}",
        "\\w{2}(?:[a-z]{0,9}-){0,3}é{1,3}",
        "[äöü€😀x]{2,6}"
      })
  void allowsWhatEachTokenAloneWouldBeAllowed(String pattern) {
    same(Constraint.regex(pattern), "base-tokenizer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"string\",\"minLength\":7,\"maxLength\":11}",
        "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":5},\"minItems\":3}",
        "{\"type\":\"string\",\"pattern\":\"[0-9]\",\"maxLength\":9}",
        "{\"type\":[\"string\",\"integer\"],\"minLength\":300,\"minimum\":12}",
        "{\"type\":\"object\"}",
        "{\"pattern\":\"^[a-z]+( [a-z]+)*$\",\"minLength\":5,\"maxLength\":19}",
        "{\"pattern\":\"^\\\\S+( \\\\S+)*$\",\"maxLength\":14}",
        "{\"pattern\":\"^([a-z][0-9])*$|^[a-f]+$\",\"minLength\":3,\"maxLength\":9}",
        "{\"pattern\":\"^( ?[a-zé\\\"]{2,})*!$\",\"minLength\":11}",
        "{\"pattern\":\"the\",\"minLength\":4,\"maxLength\":8}"
      })
  void allowsSoInJson(String schema) {
    same(Constraint.jsonSchema(schema), "base-tokenizer");
    same(Constraint.jsonSchema(schema), "byte-fallback-tokenizer");
  }

  private static void same(Constraint constraint, String tokenizer) {
    TokenBytes tokens = bytes(tokenizer);
    Graph graph = constraint.unwrap(Graph.class);
    TokenAutomaton automaton = new TokenAutomaton(graph, tokens, new TokenTrie(tokens, VOCABULARY));
    SplittableRandom random = new SplittableRandom(3);
    for (int answer = 0; answer < 4; answer++) {
      State state = automaton.start();
      TextAutomaton text = new TextAutomaton(graph, tokens.single());
      State same = text.start();
      for (int n = 0; n < 12; n++) {
        BitSet all = oneByOne(text, same, tokens, Integer.MAX_VALUE);
        TokenAutomaton.Allowed found = automaton.allowed(state);
        assertThat(allowed(found.mask())).isEqualTo(all);
        if (all.isEmpty()) {
          break;
        }
        int limit = state.distance() - 4 + random.nextInt(8);
        TokenAutomaton.Allowed within = automaton.allowed(state, limit, false);
        assertThat(allowed(within.mask())).isEqualTo(oneByOne(text, same, tokens, limit));
        BitSet near = oneByOne(text, same, tokens, within.nearest());
        assertThat(near.isEmpty()).isFalse();
        assertThat(oneByOne(text, same, tokens, within.nearest() - 1).isEmpty()).isTrue();
        int[] ids = (answer % 2 == 0 ? all : near).stream().toArray();
        int token = ids[random.nextInt(ids.length)];
        state = automaton.behind(state, token);
        same = behind(text, same, tokens.of(token));
      }
    }
  }

  /** However it is begun, it is closed in time. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"string\",\"pattern\":\"foo\"}",
        "{\"type\":\"string\",\"pattern\":\"[0-9]{3}\",\"minLength\":9}",
        "{\"type\":\"string\",\"minLength\":25,\"maxLength\":2000}",
        "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":6}",
        "{\"type\":\"string\",\"pattern\":\"^[a-z]+( [a-z]{2,})*$\",\"minLength\":9,\"maxLength\":500}",
        "{\"type\":\"string\",\"pattern\":\"^(ab|c..)*$\",\"minLength\":16}",
        "{}"
      })
  void endsBeforeTheLimit(String schema) {
    TokenBytes tokens = bytes("base-tokenizer");
    TokenAutomaton automaton =
        new TokenAutomaton(
            Constraint.jsonSchema(schema).unwrap(Graph.class),
            tokens,
            new TokenTrie(tokens, VOCABULARY));
    SplittableRandom random = new SplittableRandom(1);
    for (int answer = 0; answer < 20; answer++) {
      ConstrainedText text = new ConstrainedText(automaton, Set.of(END), 40);
      int left = 40;
      int token = -1;
      while (token != END && !text.isEnd()) {
        assertThat(left--).isPositive();
        int[] allowed = allowed(text.allowed()).stream().toArray();
        token = allowed[random.nextInt(allowed.length)];
        text.accept(token);
      }
    }
  }

  /** So an answer of SentencePiece's begins: with a space that is no part of its text. */
  @ParameterizedTest
  @ValueSource(strings = {"[ a-z]{3,9}", " the [a-z]*"})
  void losesASpaceAtTheStartAlone(String pattern) {
    TokenBytes tokens = bytes("byte-fallback-tokenizer");
    TokenAutomaton automaton =
        new TokenAutomaton(
            Constraint.regex(pattern).unwrap(Graph.class),
            tokens,
            new TokenTrie(tokens, VOCABULARY));
    ConstrainedText text = new ConstrainedText(automaton, Set.of(), 100);
    assertThat(allowed(text.allowed()).stream())
        .allMatch(id -> tokens.of(id)[0] != ' ' || !automaton.losesSpace());
  }
}
