package io.github.moa4j.core.tool;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.constraint.internal.Graph;
import io.github.moa4j.core.constraint.internal.TokenAutomaton;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A text that a constraint allows, as short as can be. */
final class ShortestText {

  private ShortestText() {}

  static String of(Constraint constraint) {
    try (TextTokenizer tokenizer =
        TextTokenizer.open(Path.of("src/test/resources/base-tokenizer"))) {
      TokenAutomaton automaton =
          new TokenAutomaton(constraint.unwrap(Graph.class), tokenizer.tokenBytes());
      int end = -1;
      ConstrainedText text = new ConstrainedText(automaton, Set.of(end), 1);
      List<Integer> tokens = new ArrayList<>();
      while (!text.isEnd()) {
        int[] allowed = text.allowed();
        int next = allowed[allowed.length - 1];
        if (next == end) {
          break;
        }
        text.accept(next);
        tokens.add(next);
      }
      return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
