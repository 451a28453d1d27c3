package io.github.moa4j.training.personal;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds personal data by its patterns, and masks it. It finds what has a form: names, places of
 * people and what is told of them it does not. Immutable.
 *
 * @param phoneRegions countries (ISO 3166, such as {@code DE}) whose phone numbers are found as
 *     they are dialled there, without the country's code; with it, those of all countries are
 */
public record PersonalData(Set<String> phoneRegions) implements Serializable {

  /**
   * Something that was found.
   *
   * @param start its first character in the text
   * @param end behind its last
   */
  public record Found(PersonalKind kind, int start, int end) {}

  /**
   * Checks and copies the regions.
   *
   * @throws IllegalArgumentException if there is no such country
   */
  public PersonalData {
    phoneRegions = Set.copyOf(new TreeSet<>(phoneRegions));
    for (String region : phoneRegions) {
      if (!PhoneNumbers.isRegion(region)) {
        throw new IllegalArgumentException(
            "phoneRegions has '" + region + "', expected a country of ISO 3166 such as DE or US");
      }
    }
  }

  /** Finds phone numbers with their country's code only. */
  public static PersonalData international() {
    return new PersonalData(Set.of());
  }

  /** Returns what stands in a text, in its order; nothing overlaps. */
  public List<Found> find(String text) {
    PlainText plain = new PlainText(text);
    Map<PersonalKind, List<Span>> spans = new EnumMap<>(PersonalKind.class);
    spans.put(PersonalKind.EMAIL, EmailAddresses.in(plain.toString()));
    spans.put(PersonalKind.IBAN, Ibans.in(plain.toString()));
    spans.put(PersonalKind.CARD, CardNumbers.in(plain.toString()));
    spans.put(PersonalKind.IP_ADDRESS, IpAddresses.in(plain.toString()));
    spans.put(PersonalKind.PHONE, PhoneNumbers.in(plain.toString(), phoneRegions));
    List<Span> taken = new ArrayList<>();
    List<Found> found = new ArrayList<>();
    spans.forEach(
        (kind, ofKind) -> {
          for (Span span : ofKind) {
            if (taken.stream().noneMatch(span::overlaps)) {
              taken.add(span);
              found.add(new Found(kind, plain.start(span.start()), plain.end(span.end())));
            }
          }
        });
    found.sort(Comparator.comparingInt(Found::start));
    return found;
  }

  /** Returns a text with every find replaced by its kind, such as {@code [EMAIL]}. */
  public String mask(String text) {
    StringBuilder masked = new StringBuilder();
    int end = 0;
    for (Found found : find(text)) {
      masked.append(text, end, found.start()).append(found.kind().mask());
      end = found.end();
    }
    return masked.append(text, end, text.length()).toString();
  }
}
