package io.github.moa4j.training.personal;

import static io.github.moa4j.training.personal.PersonalKind.CARD;
import static io.github.moa4j.training.personal.PersonalKind.EMAIL;
import static io.github.moa4j.training.personal.PersonalKind.IBAN;
import static io.github.moa4j.training.personal.PersonalKind.IP_ADDRESS;
import static io.github.moa4j.training.personal.PersonalKind.PHONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PersonalDataTest {

  private static final PersonalData DATA = PersonalData.international();

  private static void assertMasked(PersonalKind kind, String found) {
    assertThat(DATA.mask("First: " + found + ", then more."))
        .isEqualTo("First: " + kind.mask() + ", then more.");
    assertThat(DATA.mask(found)).isEqualTo(kind.mask());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "john@example.org",
        "john.q.public+news@mail.example.co.uk",
        "o'brien_2@sub-domain.example.museum",
        "\"John Doe\"@example.org",
        "jürgen@münchen.example",
        "用户@例子.广告",
        "иван@почта.рф",
        "राम@उदाहरण.भारत",
        "jo\u200Bhn@exam\u00ADple.org",
        "john＠example．org",
        "john@xn--mnchen-3ya.xn--p1ai",
        "john(at)example(dot)org",
        "john [at] example [dot] org",
        "john {AT} example.org",
        "postmaster@[192.168.2.1]",
        "a@b.io"
      })
  void findsMailAddresses(String address) {
    assertMasked(EMAIL, address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@Override public int f()",
        "a decorator: @app.route",
        "the price is 3 @ 4.50",
        "x @ y",
        "meet me @ noon",
        "W@X.T in Python",
        "user@localhost",
        "\"key\":\"@handle.name\""
      })
  void leavesOtherUsesOfTheSign(String text) {
    assertThat(DATA.mask(text)).isEqualTo(text);
  }

  @Test
  void endsAnAddressWhereAnotherScriptGoesOn() {
    assertThat(DATA.mask("联系 a.b@example.com请回复。")).isEqualTo("联系 [EMAIL]请回复。");
    assertThat(DATA.mask("<mailto:john@example.org?subject=x>"))
        .isEqualTo("<mailto:[EMAIL]?subject=x>");
    assertThat(DATA.mask("Write to john@example.org. Thank you."))
        .isEqualTo("Write to [EMAIL]. Thank you.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89-3704-0044-0532-0130-00",
        "GB29 NWBK 6016 1331 9268 19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "CH93 0076 2011 6238 5295 7",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
        "LC55HEMM000100010012001200023015",
        "SA03 8000 0000 6080 1016 7519",
        "BR18 0036 0305 0000 1000 9795 493C 1",
        "NL91 ABNA 0417 1643 00",
        "TR33 0006 1005 1978 6457 8413 26",
        "KW81CBKU0000000000001234560101",
        "ＤＥ８９３７０４００４４０５３２０１３０００",
        "DE89\u00A03704\u202F0044\u00A00532\u00A00130\u00A000"
      })
  void findsBankAccounts(String iban) {
    assertMasked(IBAN, iban);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DE89370400440532013001", // check digits
        "DE8937040044053201300", // too short
        "DE893704004405320130001", // too long
        "ZZ89370400440532013000", // no such country
        "XDE89370400440532013000"
      })
  void leavesWhatIsNoBankAccount(String text) {
    assertThat(DATA.find(text)).extracting(PersonalData.Found::kind).doesNotContain(IBAN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555 5555 5555 4444",
        "2223 0031 2200 3222",
        "3782 822463 10005",
        "3714-496353-98431",
        "3056 930902 5904",
        "3530111333300000",
        "6011 1111 1111 1117",
        "6200 0000 0000 0005",
        "2200 7702 1272 7079",
        "٤١١١ ١١١١ ١١١١ ١١١١"
      })
  void findsCards(String card) {
    assertMasked(CARD, card);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111111111111112",
        "1234567890123456",
        "0000 0000 0000 0000",
        "41111111111111111111111",
        "3.141592653589793238",
        "9999999999999995"
      })
  void leavesOtherNumbers(String number) {
    assertThat(DATA.mask("It is " + number + " here")).isEqualTo("It is " + number + " here");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.168.1.17",
        "8.8.8.8",
        "203.0.113.255",
        "2001:db8::8a2e:370:7334",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        "fe80::1%eth0",
        "::ffff:192.0.2.128",
        "2001:DB8:0:0:8:800:200C:417A",
        "192．0．2．1"
      })
  void findsInternetAddresses(String address) {
    assertMasked(IP_ADDRESS, address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.0",
        "::1",
        "::",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "at 12:30:45",
        "std::vector<int>",
        "abc::def",
        "a[::2] and b[1::3]",
        "1:2:3:4:5:6:7",
        "00:1A:2B:3C:4D:5E"
      })
  void leavesWhatNamesNobody(String text) {
    assertThat(DATA.mask(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+49 30 901820",
        "+49 (0)30 901820",
        "0049 30 901820",
        "+1 (212) 736-5000",
        "+1-212-736-5000",
        "+44 20 7946 0018",
        "+33 1 42 68 53 00",
        "+39 06 6982",
        "+34 912 582 852",
        "+41 44 668 18 00",
        "+43 1 51510",
        "+31 20 794 0800",
        "+46 8 665 22 00",
        "+48 22 695 29 00",
        "+380 44 256 7115",
        "+7 495 606-36-02",
        "+90 312 525 55 55",
        "+91 11 2301 2345",
        "+86 10 6552 9988",
        "+81 3-3581-0101",
        "+82 2-730-5800",
        "+61 2 9374 4000",
        "+64 4 817 9999",
        "+55 11 2395-8400",
        "+52 55 5093 2600",
        "+54 11 4320-1200",
        "+27 12 300 5200",
        "+234 803 123 4567",
        "+254 20 227 1000",
        "+20 2 25749797",
        "+966 11 464 0000",
        "+971 4 444 4444",
        "+972 3-607-5000",
        "+62 21 384 9000",
        "+66 2 250 5500",
        "+65 6324 8822",
        "＋４９ ３０ ９０１８２０",
        "+٤٩ ٣٠ ٩٠١٨٢٠"
      })
  void findsPhoneNumbersOfManyCountries(String number) {
    assertMasked(PHONE, number);
  }

  @Test
  void findsNumbersAsTheyAreDialledInTheCountriesAskedFor() {
    String text = "Ring (030) 901820 or 212-736-5000.";
    assertThat(DATA.mask(text)).isEqualTo(text);
    assertThat(new PersonalData(Set.of("DE", "US")).mask(text))
        .isEqualTo("Ring [PHONE] or [PHONE].");
    assertThatThrownBy(() -> new PersonalData(Set.of("DE", "Germany")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Germany");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a FROM t WHERE id = 1234567890",
        "30 4 * * 1-5 /usr/bin/backup",
        "on 2026-11-27 at 17:30",
        "+5 points and -3",
        "order 0012345678 of 007",
        "0 0 1 1 *",
        "3.14 + 2.71 = 5.85"
      })
  void leavesOrdinaryDigits(String text) {
    assertThat(DATA.mask(text)).isEqualTo(text);
  }

  @Test
  void longTextsWithoutAnyTakeNoLonger() {
    String text = "a".repeat(200_000) + "1 ".repeat(10_000) + "@".repeat(1000) + ":".repeat(5000);
    long start = System.nanoTime();
    assertThat(DATA.find(text)).isEmpty();
    assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
  }
}
