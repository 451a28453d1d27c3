package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/** One answer that grows under a constraint. Not thread-safe. */
public final class ConstrainedText {

  private final TokenAutomaton automaton;
  private final int[] endTokens;
  private TokenAutomaton.State state;
  private int left;

  /**
   * Starts an answer.
   *
   * @param endTokens that end it where it is complete, and nowhere else
   * @param most tokens that it may have
   */
  public ConstrainedText(TokenAutomaton automaton, Set<Integer> endTokens, int most) {
    this.automaton = automaton;
    this.endTokens = endTokens.stream().mapToInt(Integer::intValue).toArray();
    this.state = automaton.start();
    this.left = most;
  }

  /** Whether it is what the constraint wants and nothing can be added. */
  public boolean isEnd() {
    return TokenAutomaton.accepts(state) && automaton.mask(state).ids().length == 0;
  }

  /**
   * Returns the tokens that may come next, at least one unless {@link #isEnd()}: those behind which
   * the rest of the tokens surely suffices for an end; where there are none, those that come
   * nearest to it.
   */
  public int[] allowed() {
    TokenAutomaton.Mask mask = automaton.mask(state);
    int room = left - 2; // behind this token, with one that ends the answer
    int[] ids = mask.ids();
    if (TokenAutomaton.isDeep(state)) {
      room = Math.min(room, TokenAutomaton.distance(state) - 1);
    }
    if (mask.farthest() > room) {
      int[] behind =
          Arrays.stream(ids)
              .map(id -> TokenAutomaton.distance(automaton.behind(state, id)))
              .toArray();
      int nearest = Arrays.stream(behind).min().orElse(0);
      int most = Math.max(room, nearest);
      ids =
          IntStream.range(0, behind.length)
              .filter(i -> behind[i] <= most)
              .map(i -> mask.ids()[i])
              .toArray();
      if (TokenAutomaton.accepts(state) && nearest > room && endTokens.length > 0) {
        ids = new int[0]; // it ends here while it can
      }
    }
    if (!TokenAutomaton.accepts(state)) {
      return ids;
    }
    int[] all = Arrays.copyOf(ids, ids.length + endTokens.length);
    System.arraycopy(endTokens, 0, all, ids.length, endTokens.length);
    return all;
  }

  /** Takes a token that is allowed; one that ends the answer changes nothing. */
  public void accept(int token) {
    left--;
    if (Arrays.stream(endTokens).noneMatch(end -> end == token)) {
      state = automaton.behind(state, token);
    }
  }
}
