package io.github.moa4j.examples.study.hostile;

import java.util.List;
import java.util.SplittableRandom;

/** JSON values, as text, that have broken readers of files before. Some are no JSON at all. */
final class HostileValues {

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-0.0",
          "1",
          "-1",
          "0.5",
          "127",
          "128",
          "255",
          "65535",
          "65536",
          "2147483647",
          "2147483648",
          "-2147483648",
          "-2147483649",
          "4294967295",
          "4294967296",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "1e400",
          "-1e400",
          "1e-400",
          "1e308",
          "1e999999999",
          "1e-999999999",
          "1E2147483648",
          "3.0",
          "NaN",
          "Infinity",
          "-Infinity",
          "007",
          "0x10",
          "+1",
          ".5",
          "1.");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "null",
          "7",
          "NaN",
          "../../etc/passwd",
          "/dev/zero",
          "con",
          "%s%n%d",
          "${env:HOME}",
          "{{ 'x' * 4294967297 }}",
          "{% for i in range(1000000000) %}{{ i }}{% endfor %}",
          "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
          "(.*)*(.*)*(.*)*(.*)*x",
          "(a+)+(a+)+(a+)+b",
          "(?P<n>",
          "[",
          "\\",
          "file:///",
          "a".repeat(300));

  /** JSON strings with escapes that are no characters, or that end what holds them. */
  private static final List<String> RAW_TEXTS =
      List.of(
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\u0000\"",
          "\"a\\u0000b\"",
          "\"\\uffff\\ufffe\"",
          "\"\\u202e\\u2028\"",
          "\"\\x41\"",
          "\"a\nb\"",
          "\"unclosed");

  private HostileValues() {}

  /** Any value. */
  static String any(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> number(random);
      case 3, 4 -> quoted(text(random));
      case 5 -> pick(RAW_TEXTS, random);
      case 6 -> pick(List.of("null", "true", "false", "[]", "{}", "[[]]", "[null]", ""), random);
      case 7 -> nested(random);
      case 8 -> quoted("x".repeat(1 << random.nextInt(10, 20)));
      default -> "9".repeat(1 << random.nextInt(4, 16));
    };
  }

  static String number(SplittableRandom random) {
    return pick(NUMBERS, random);
  }

  /** A text that is not yet quoted. */
  static String text(SplittableRandom random) {
    return pick(TEXTS, random);
  }

  /** A key, quoted. */
  static String key(SplittableRandom random) {
    return random.nextInt(3) == 0 ? pick(RAW_TEXTS, random) : quoted(text(random));
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String nested(SplittableRandom random) {
    int depth = 1 << random.nextInt(3, 18);
    return random.nextBoolean()
        ? "[".repeat(depth) + "]".repeat(depth)
        : "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }

  private static String pick(List<String> values, SplittableRandom random) {
    return values.get(random.nextInt(values.size()));
  }
}
