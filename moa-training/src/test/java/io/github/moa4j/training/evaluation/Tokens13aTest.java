package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class Tokens13aTest {

  /** Expected words are those of sacreBLEU 2.6.0's {@code Tokenizer13a}, run on these texts. */
  @Test
  void splitsAsSacreBleuDoes() {
    assertThat(joined("It's 3,200.50 (about 9.7%), isn't it?"))
        .isEqualTo("It's 3,200.50 ( about 9.7 % ) , isn't it ?");
    assertThat(joined("well-known 10-20 -5 a-")).isEqualTo("well-known 10 - 20 -5 a-");
    assertThat(joined("a\u00a0b\u2003c\u0085d")).isEqualTo("a b c d");
    assertThat(joined("x&quot;y&amp;lt; &lt;b&gt;")).isEqualTo("x \" y < < b >");
    assertThat(joined("...!!! ,.,. .5 5. 1.a a.1"))
        .isEqualTo(". . . ! ! ! , . , . . 5 5 . 1 . a a . 1");
    assertThat(joined("foo-\nbar\nbaz")).isEqualTo("foobar baz");
    assertThat(joined("$1,200.00; SELECT T.A_B FROM T WHERE x >= 7.77 ;"))
        .isEqualTo("$ 1,200.00 ; SELECT T . A _ B FROM T WHERE x > = 7.77 ;");
    assertThat(joined("def f(a,b):\n  return a[0]*b**2 # ok"))
        .isEqualTo("def f ( a , b ) : return a [ 0 ] * b * * 2 # ok");
    assertThat(
            joined(
                "\u00dcbung, na\u00efve\u2026 \u201cquoted\u201d \u2013 dash \u6f22\u5b57\u3002"))
        .isEqualTo(
            "\u00dcbung , na\u00efve\u2026 \u201cquoted\u201d \u2013 dash \u6f22\u5b57\u3002");
    assertThat(joined("{\"tool\": \"GetWeather\", \"arguments\": {\"city\": \"New Jersey\"}}"))
        .isEqualTo(
            "{ \" tool \" : \" GetWeather \" , \" arguments \" : { \" city \" : \" New Jersey \" } }");
    assertThat(joined("a<skipped>b")).isEqualTo("ab");
    assertThat(joined("~/x/y.txt | grep -v '^#' > /dev/null 2>&1"))
        .isEqualTo("~ / x / y . txt | grep -v ' ^ # ' > / dev / null 2 > & 1");
    assertThat(joined("U.S. 1,2,3 3.4.5 , . a,b")).isEqualTo("U . S . 1,2,3 3.4.5 , . a , b");
    assertThat(joined("\ud834\udd1e.5 \ud83d\ude42, ok"))
        .isEqualTo("\ud834\udd1e . 5 \ud83d\ude42 , ok");
  }

  @Test
  void findsNoWordInWhiteSpace() {
    assertThat(Tokens13a.of("")).isEmpty();
    assertThat(Tokens13a.of(" \n\t\u00a0")).isEmpty();
  }

  private static String joined(String text) {
    return String.join(" ", Tokens13a.of(text));
  }
}
