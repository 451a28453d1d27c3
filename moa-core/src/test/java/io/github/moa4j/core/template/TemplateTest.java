package io.github.moa4j.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TemplateTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-03-04T15:06:07Z"), ZoneOffset.UTC);

  private static String render(String template) {
    return Template.parse(template).render(Map.of(), CLOCK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      quoteCharacter = '`',
      textBlock =
          """
          {% for i in [1] %}x           @ the tag before has no end
          {% endfor %}                  @ the tag 'endfor' is not supported
          {% if %}x{% endif %}          @ expected an expression
          {{ 1 +                        @ a tag has no end '}}'
          {{ 'a }}                      @ begins with ' has no end
          {{ (1 }}                      @ unexpected '}'
          {{ 1 2 }}                     @ expected '}}', found '2'
          {{ a ? b }}                   @ unexpected character '?'
          {# a                          @ the comment '{#' has no end
          {% raw %} a                   @ has no '{% endraw %}'
          {% set 1 = 2 %}               @ expected a name
          {% include 'secret.txt' %}    @ the tag 'include' is not supported
          {% import 'a' as b %}         @ the tag 'import' is not supported
          {% break %}                   @ stands outside of a loop
          {% extends 'a' %}             @ the tag 'extends' is not supported
          {% set true = 1 %}            @ cannot assign to the constant 'true'
          {{ 007 }}                     @ '007' is no whole number
          {{ '\\x4' }}                   @ an escape needs 2 hexadecimal digits
          {{ '\\N{NOTHING}' }}           @ no character named 'NOTHING'
          {% call 1 %}{% endcall %}     @ needs the call of a macro
          {{ f(a=1, 2) }}               @ expected an argument by name
          """)
  void refusesWhatIsNotValid(String template, String reason) {
    assertThatThrownBy(() -> Template.parse("\n\n" + template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContainingAll("line 3", reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      quoteCharacter = '`',
      textBlock =
          """
          {{ a.b }}                        @ 'a' is undefined
          {{ a + 'x' }}                    @ 'a' is undefined
          {{ f() }}                        @ 'f' is undefined
          {{ 'a' + 1 }}                    @ cannot apply '+' to a text and a number
          {{ 1 // 0 }}                     @ division by zero
          {{ 10 ** 5000 }}                 @ a whole number is too large
          {{ (-8) ** 0.5 }}                @ is no real number
          {{ [1].append(2) }}              @ the method 'append' of a list is not supported
          {{ 'a'.encode() }}               @ the method 'encode' of a text is not supported
          {{ 'a' | wordwrap }}             @ the filter 'wordwrap' is not supported
          {{ lipsum() }}                   @ the function 'lipsum' is not supported
          {{ [1] | select | length }}      @ a generator has no length
          {{ range }}                      @ a function cannot be printed
          {% for i in [1] %}{{ loop([2]) }}{% endfor %} @ a loop that is not 'recursive'
          {{ 'a' < 1 }}                    @ cannot compare a text and a number
          {{ 'a'() }}                      @ a text cannot be called
          {% for i in 7 %}{% endfor %}     @ a number has no elements
          {{ 'a' | nothing }}             @ the filter 'nothing' is not supported
          {{ 'a' is nothing }}             @ the test 'nothing' is not supported
          {{ range(1000000) }}             @ at most 100000
          {{ raise_exception('No.') }}     @ refuses the messages: No.
          {{ strftime_now('%Q') }}         @ '%Q'
          {% set a.b = 1 %}                @ is no namespace()
          {% set a, b = [1] %}             @ cannot assign 1 values to 2 names
          """)
  void refusesWhatCannotBeRendered(String text, String reason) {
    Template template = Template.parse("\n\n" + text);
    assertThatThrownBy(() -> template.render(Map.of(), CLOCK))
        .isInstanceOf(TemplateException.class)
        .hasMessageContainingAll("line 3", reason);
  }

  @Test
  void reachesNoJavaObjects() {
    assertThat(render("{{ 'a'.getClass is defined }}{{ 'a'.class is defined }}"))
        .isEqualTo("FalseFalse");
  }

  private enum Kind {
    SOME
  }

  private record Pair(int left, int right) {}

  static Stream<org.junit.jupiter.params.provider.Arguments> whatIsNoVariable() {
    return Stream.<Object>of(
            Instant.EPOCH,
            LocalDate.EPOCH,
            Optional.of("a"),
            Kind.SOME,
            new Pair(1, 2),
            new String[] {"a"},
            new int[] {1},
            new BigDecimal("1.5"),
            'c',
            new StringReader("a"))
        .map(value -> org.junit.jupiter.params.provider.Arguments.of(value));
  }

  @ParameterizedTest
  @MethodSource("whatIsNoVariable")
  void refusesJavaValuesThatAreNoneOfTheLanguageByName(Object value) {
    Template template = Template.parse("x");
    for (Object variable : List.of(value, List.of(value), Map.of("a", value))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> template.render(Map.of("v", variable), CLOCK))
          .withMessageContaining(value.getClass().getName());
    }
  }

  @Test
  void knowsWhatIsNotANumber() {
    assertThat(
            render(
                "{% set x = 'nan' | float %}{{ [x, 1] | max }}{{ [1, x] | min }}{{ x < 1 }}"
                    + "{{ x == x }}{{ [2, x, 1] | sort | length }}{{ x in [x] }}"))
        .isEqualTo("nan1FalseFalse3True");
  }

  @Test
  void tellsTheTime() {
    assertThat(render("{{ strftime_now('%d %b %Y, %A %-d %B, %H:%M:%S %p %%') }}"))
        .isEqualTo("04 Mar 2025, Tuesday 4 March, 15:06:07 PM %");
  }

  @Test
  void knowsMacrosWithDefaultsAndNames() {
    assertThat(
            render(
                "{% macro f(a, b='B') %}[{{ a }}{{ b }}]{% endmacro %}"
                    + "{{ f(1) }}{{ f(1, 2) }}{{ f(b=3, a=4) }}"))
        .isEqualTo("[1B][12][43]");
  }

  @Test
  void keepsWhatALoopSetsToTheTurnUnlessItIsInANamespace() {
    assertThat(
            render(
                "{% set n = namespace(x=0) %}{% set x = 0 %}{% for i in [1, 2] %}{% set x = i %}"
                    + "{% set n.x = i %}{% endfor %}{{ x }}{{ n.x }}"))
        .isEqualTo("02");
  }

  @Test
  void knowsWithFilterAndGeneration() {
    assertThat(
            render(
                "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{% filter upper %}ab{% endfilter %}"
                    + "{% generation %}g{% endgeneration %}{% set c | trim %} x {% endset %}{{ c }}"))
        .isEqualTo("3ABgx");
  }

  @Test
  void takesVariablesOfEveryKind() {
    assertThat(
            Template.parse("{{ a }}{{ b }}{{ c }}{{ d[0].e }}{{ f }}{{ g }}{{ h }}")
                .render(
                    Map.of(
                        "a",
                        1,
                        "b",
                        0.1f,
                        "c",
                        true,
                        "d",
                        List.of(Map.of("e", "x")),
                        "f",
                        3L,
                        "g",
                        BigInteger.TEN.pow(20),
                        "h",
                        CharBuffer.wrap("y")),
                    CLOCK))
        .isEqualTo("10.1Truex3100000000000000000000y");
  }
}
