package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.files.Failure;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The names by which files hold constants: those of Java in lower case. */
public final class StoredName {

  private StoredName() {}

  /** Returns the name of a constant. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the constant of a name.
   *
   * @throws IllegalArgumentException naming the constants there are
   */
  public static <E extends Enum<E>> E read(Class<E> type, String name) {
    E[] constants = type.getEnumConstants();
    return Arrays.stream(constants)
        .filter(constant -> of(constant).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown %s '%s': expected one of %s."
                        .formatted(
                            type.getSimpleName(),
                            Failure.quote(name),
                            Arrays.stream(constants)
                                .map(StoredName::of)
                                .collect(Collectors.joining(", ")))));
  }
}
