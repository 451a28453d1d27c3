package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.internal.TokenAutomaton.Allowed;
import java.util.Arrays;
import java.util.Set;

/** One answer that grows under a constraint. Not thread-safe. */
public final class ConstrainedText {

  private final TokenAutomaton automaton;
  private final int[] endTokens;
  private State state;
  private boolean empty = true;
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
    return state.accepts() && automaton.isEnd(state);
  }

  /**
   * Returns the tokens that may come next, at least one unless {@link #isEnd()}: those behind which
   * the rest of the tokens surely suffices for an end; where there are none, those that come
   * nearest to it.
   */
  public TokenMask allowed() {
    int room = left - 2; // behind this token, with one that ends the answer
    if (TokenAutomaton.isDeep(state)) {
      room = Math.min(room, state.distance() - 1);
    }
    boolean loses = empty && automaton.losesSpace();
    Allowed allowed =
        loses ? automaton.allowed(state, Integer.MAX_VALUE, true) : automaton.allowed(state);
    if (allowed.farthest() > room) {
      allowed = automaton.allowed(state, room, loses);
      boolean endsHere = state.accepts() && endTokens.length > 0; // while it can
      if (allowed.isEmpty() && !endsHere) {
        allowed = automaton.allowed(state, allowed.nearest(), loses);
      }
    }
    TokenMask mask = allowed.mask();
    return state.accepts() ? mask.with(endTokens) : mask;
  }

  /** Takes a token that is allowed; one that ends the answer changes nothing. */
  public void accept(int token) {
    left--;
    empty = false;
    if (Arrays.stream(endTokens).noneMatch(end -> end == token)) {
      state = automaton.behind(state, token);
    }
  }
}
