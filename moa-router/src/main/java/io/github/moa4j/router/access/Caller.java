package io.github.moa4j.router.access;

import io.github.moa4j.core.MoaException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks, what it may see, and with whom it shares.
 *
 * <p>To a caller a domain that it does not see is one that does not exist: the router scores no
 * other than those it sees, and naming one is the same error as naming any other word.
 *
 * <p>What the model computes is shared with nobody by default: keys and values that are kept of a
 * caller's prompts and answers serve its own later questions only, since whoever finds his prompt
 * answered without being computed knows that somebody asked the same. Callers who may know that of
 * each other are put into a group ({@link #inGroup}). One pass of the model computes for callers of
 * several groups, each row by itself, unless one of them is {@link #apart}.
 *
 * @param name by which audits know it, and which decides what version of an adapter answers it
 *     where two are compared; at most {@value #LONGEST_NAME} characters
 * @param domains that it sees; empty for all
 * @param group with which it shares keys and values; empty for its own alone
 * @param apart whether no pass of the model computes for it and for somebody of another group at
 *     once; each group that is then at work costs a pass of its own a token
 */
public record Caller(
    String name, Optional<Set<String>> domains, Optional<String> group, boolean apart) {

  /** The most characters of a name. */
  public static final int LONGEST_NAME = 200;

  /**
   * Checks the name, and copies the domains.
   *
   * @throws MoaException if the name is blank or too long
   */
  public Caller {
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw new MoaException(
          "The name of a caller has 1 to "
              + LONGEST_NAME
              + " characters, not "
              + (name.isBlank() ? "none" : name.length())
              + ".");
    }
    domains = domains.map(Set::copyOf);
    Objects.requireNonNull(group, "group");
  }

  /** Returns a caller who sees all domains, in no group. */
  public static Caller named(String name) {
    return new Caller(name, Optional.empty(), Optional.empty(), false);
  }

  /** Returns this caller seeing some domains only; none lets the base alone answer. */
  public Caller seeing(Set<String> some) {
    return new Caller(name, Optional.of(some), group, apart);
  }

  /** Returns this caller in a group. */
  public Caller inGroup(String other) {
    return new Caller(name, domains, Optional.of(other), apart);
  }

  /** Returns this caller as one whose passes of the model are its group's alone. */
  public Caller setApart() {
    return new Caller(name, domains, group, true);
  }

  /** Tells whether it sees a domain. */
  public boolean sees(String domain) {
    return domains.isEmpty() || domains.get().contains(domain);
  }
}
