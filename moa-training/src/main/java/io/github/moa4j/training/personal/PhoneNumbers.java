package io.github.moa4j.training.personal;

import com.google.i18n.phonenumbers.PhoneNumberMatch;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.Leniency;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Telephone numbers of all countries by Google's libphonenumber: with a country's code, and as they
 * are dialled within some countries.
 */
final class PhoneNumbers {

  private static final String NOWHERE = "ZZ";

  /** How most of the world dials abroad; of the same length, so that places stay. */
  private static final Pattern ABROAD = Pattern.compile("(?<![\\p{L}\\p{N}+.,/-])00(?=[1-9])");

  private PhoneNumbers() {}

  static List<Span> in(String text, Set<String> regions) {
    List<Span> found = new ArrayList<>();
    if (text.chars().noneMatch(Character::isDigit)) {
      return found;
    }
    // A plus says that it is a number: its length has to be right, even if nobody has it.
    add(text, NOWHERE, Leniency.POSSIBLE, found);
    add(ABROAD.matcher(text).replaceAll(" +"), NOWHERE, Leniency.VALID, found);
    regions.forEach(region -> add(text, region, Leniency.VALID, found));
    return found.stream()
        .map(span -> text.startsWith("00", span.start() - 1) ? span.from(span.start() - 1) : span)
        .toList();
  }

  private static void add(String text, String region, Leniency leniency, List<Span> found) {
    for (PhoneNumberMatch match :
        PhoneNumberUtil.getInstance().findNumbers(text, region, leniency, Long.MAX_VALUE)) {
      found.add(new Span(match.start(), match.end()));
    }
  }

  /** Tells whether there is a country of that code. */
  static boolean isRegion(String region) {
    return PhoneNumberUtil.getInstance().getSupportedRegions().contains(region);
  }
}
