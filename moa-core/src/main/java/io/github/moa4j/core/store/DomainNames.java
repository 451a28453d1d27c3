package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.UnknownDomainException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What may be the name of a domain, and what to say when there is no domain of that name. */
public final class DomainNames {

  /** Names are folder names on every file system: no case, no dots, no separators. */
  private static final Pattern VALID = Pattern.compile("[a-z0-9_-]{1,64}");

  /** Windows has devices of these names, in every folder. */
  private static final Pattern DEVICE = Pattern.compile("con|prn|aux|nul|(com|lpt)[0-9]");

  private static final int MAX_LENGTH = 64;
  private static final int NEAR_MISS = 2; // edits
  private static final int LISTED = 50; // domains in a message

  private DomainNames() {}

  /**
   * Tells whether a stored domain can have this name. Mixtures of earlier releases may hold names
   * that {@link #check} refuses.
   */
  public static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }

  /**
   * Returns the name of a domain that is about to be added. To be called before anything that takes
   * long, such as training.
   *
   * @throws AdapterException if no domain can have this name
   */
  public static String check(String name) {
    if (name == null || !isValid(name)) {
      throw new AdapterException(
          "'"
              + Failure.quote(String.valueOf(name))
              + "' cannot be the name of a domain: expected 1 to 64 characters out of a-z, 0-9,"
              + " '_' and '-'.");
    }
    if (DEVICE.matcher(name).matches()) {
      throw new AdapterException(
          "'"
              + name
              + "' cannot be the name of a domain: Windows has a device of that name and no folder."
              + " Choose another name, such as '"
              + name
              + "-domain'.");
    }
    return name;
  }

  /** Returns the error for a domain that does not exist, with the domains that do. */
  public static UnknownDomainException unknown(String name, Collection<String> known) {
    if (known.isEmpty()) {
      return new UnknownDomainException(
          "There is no domain '" + Failure.quote(name) + "': no domain was added yet.");
    }
    Optional<String> nearest =
        known.stream()
            .filter(candidate -> name.length() <= MAX_LENGTH + NEAR_MISS)
            .filter(candidate -> distance(name, candidate) <= NEAR_MISS)
            .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    return new UnknownDomainException(
        "There is no domain '"
            + Failure.quote(name)
            + "'"
            + nearest.map(candidate -> "; did you mean '" + candidate + "'?").orElse(".")
            + " Known domains: "
            + known.stream().sorted().limit(LISTED).collect(Collectors.joining(", "))
            + (known.size() > LISTED ? " and " + (known.size() - LISTED) + " more." : "."));
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
