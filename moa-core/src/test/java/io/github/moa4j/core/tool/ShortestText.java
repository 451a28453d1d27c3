package io.github.moa4j.core.tool;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.constraint.internal.Graph;
import io.github.moa4j.core.constraint.internal.TokenAutomaton;
import io.github.moa4j.core.constraint.internal.TokenMask;
import io.github.moa4j.core.constraint.internal.TokenTrie;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** A text that a constraint allows, as short as can be. */
final class ShortestText {

  private static final int VOCABULARY = 4096;

  private ShortestText() {}

  static String of(Constraint constraint) {
    try (TextTokenizer tokenizer =
        TextTokenizer.open(Path.of("src/test/resources/base-tokenizer"))) {
      TokenAutomaton automaton =
          new TokenAutomaton(
              constraint.unwrap(Graph.class),
              tokenizer.tokenBytes(),
              new TokenTrie(tokenizer.tokenBytes(), VOCABULARY));
      int end = -1;
      ConstrainedText text = new ConstrainedText(automaton, Set.of(end), 1);
      List<Integer> tokens = new ArrayList<>();
      while (!text.isEnd()) {
        TokenMask mask = text.allowed();
        int next =
            mask.allowed()
                ? mask.ids()[mask.ids().length - 1]
                : IntStream.range(0, VOCABULARY)
                    .filter(id -> Arrays.stream(mask.ids()).noneMatch(other -> other == id))
                    .findFirst()
                    .orElseThrow();
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
