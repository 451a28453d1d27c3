package io.github.moa4j.training.personal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever surrounds it and however it is grouped, what is made by the rules is found. */
class PersonalDataProperties {

  private static final PersonalData DATA = PersonalData.international();

  @Provide
  Arbitrary<String> words() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withChars(" ,;:\n\"'()äß中")
        .ofMaxLength(30);
  }

  @Property(tries = 300)
  void maskingLeavesTheRestAndFindsNothingAgain(
      @ForAll("words") String before, @ForAll("words") String after, @ForAll long seed) {
    String masked = DATA.mask(before + " | " + iban(seed) + " | " + card(seed) + " | " + after);

    assertThat(masked).isEqualTo(before + " | [IBAN] | [CARD] | " + after);
    assertThat(DATA.find(masked)).isEmpty();
  }

  @Property(tries = 300)
  void anyTextIsReadAndWhatIsFoundLiesInIt(@ForAll String text) {
    int end = 0;
    for (PersonalData.Found found : DATA.find(text)) {
      assertThat(found.start()).isGreaterThanOrEqualTo(end);
      assertThat(found.end()).isGreaterThan(found.start()).isLessThanOrEqualTo(text.length());
      end = found.end();
    }
    DATA.mask(text);
  }

  @Property(tries = 200)
  void oneWrongDigitIsFoundOutByTheCheckDigits(@ForAll long seed) {
    StringBuilder iban = new StringBuilder(iban(seed).replace(" ", ""));
    Random random = new Random(seed);
    int place = 4 + random.nextInt(iban.length() - 4);
    char digit = iban.charAt(place);
    iban.setCharAt(place, (char) ('0' + (digit - '0' + 1 + random.nextInt(9)) % 10));

    assertThat(Ibans.in(iban.toString())).isEmpty();
  }

  /** The library's own example of every country, as it is written for people abroad. */
  @Test
  void findsANumberOfEveryCountry() {
    PhoneNumberUtil numbers = PhoneNumberUtil.getInstance();
    List<String> missed =
        numbers.getSupportedRegions().stream()
            .map(numbers::getExampleNumber)
            .filter(number -> !masksPhone(numbers, number))
            .map(PhoneNumber::toString)
            .toList();

    assertThat(missed).isEmpty();
  }

  private static boolean masksPhone(PhoneNumberUtil numbers, PhoneNumber number) {
    return List.of(PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164).stream()
        .map(format -> numbers.format(number, format))
        .allMatch(text -> DATA.mask("Ring " + text + " now").equals("Ring [PHONE] now"));
  }

  /** A German account, in groups of four or none. */
  private static String iban(long seed) {
    Random random = new Random(seed);
    StringBuilder account = new StringBuilder();
    for (int i = 0; i < 18; i++) {
      account.append(random.nextInt(10));
    }
    for (int check = 2; ; check++) {
      String iban = "DE%02d".formatted(check) + account;
      if (Ibans.isValid(iban)) {
        return random.nextBoolean() ? iban : iban.replaceAll("(.{4})(?!$)", "$1 ");
      }
    }
  }

  /** A Visa card, in groups of four or none. */
  private static String card(long seed) {
    Random random = new Random(seed);
    StringBuilder digits = new StringBuilder("4");
    while (digits.length() < 15) {
      digits.append(random.nextInt(10));
    }
    for (int check = 0; ; check++) {
      if (CardNumbers.isValid(digits + "" + check)) {
        String card = digits + "" + check;
        return random.nextBoolean() ? card : card.replaceAll("(.{4})(?!$)", "$1-");
      }
    }
  }
}
