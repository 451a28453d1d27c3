package io.github.moa4j.core.tool;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.constraint.internal.Graph;
import io.github.moa4j.core.constraint.internal.TokenAutomaton;
import io.github.moa4j.core.constraint.internal.TokenTrie;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** A text that a constraint allows, as short as can be. */
final class ShortestText {

  private static final int VOCABULARY = 4096; // of the tokenizer

  private ShortestText() {}

  static String of(Constraint constraint) {
    try (TextTokenizer tokenizer =
        TextTokenizer.open(Path.of("src/test/resources/base-tokenizer"))) {
      TokenAutomaton automaton =
          new TokenAutomaton(
              constraint.unwrap(Graph.class),
              tokenizer.tokenBytes(),
              new TokenTrie(tokenizer.tokenBytes(), VOCABULARY + 1));
      int end = VOCABULARY; // the model has one more
      ConstrainedText text = new ConstrainedText(automaton, Set.of(end), 1);
      byte[] allowed = new byte[VOCABULARY + 1];
      List<Integer> tokens = new ArrayList<>();
      while (!text.isEnd()) {
        text.allowed().write(allowed, 0, allowed.length);
        if (allowed[end] == 1) {
          break;
        }
        int next = IntStream.range(0, end).filter(id -> allowed[id] == 1).findFirst().orElseThrow();
        text.accept(next);
        tokens.add(next);
      }
      return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
