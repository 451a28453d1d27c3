package io.github.moa4j.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No template takes a machine's time, memory or stack, however it is written. */
class TemplateBudgetTest {

  private static final Clock CLOCK = Clock.systemUTC();
  private static final String LOOPS =
      "{% for i in range(99999) %}{% for j in range(99999) %}%s{% endfor %}{% endfor %}";

  private static void assertRefused(String template) {
    assertRefused(template, new Budget(Budget.STEPS, Budget.CHARACTERS));
  }

  private static void assertRefused(String template, Budget budget) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60), // on a busy machine; each takes about a second at most
        () ->
            assertThatThrownBy(() -> Template.parse(template).render(Map.of(), CLOCK, budget))
                .isInstanceOf(TemplateException.class)
                .hasMessageMatching("(?s).{1,500}"));
  }

  /** A smaller budget shows as well that everything is counted. */
  private static Budget small() {
    return new Budget(300_000, 1_000_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'x' * 4294967297 }}",
        "{{ 'x' * 10**9 }}",
        "{{ 'x' * 10**30 }}",
        "{{ [1] * 10**12 }}",
        "{{ (1,) * 2**62 }}",
        "{{ range(10**12) }}",
        "{{ range(-2**63, 2**63 - 1) }}",
        "{{ 2**(10**10) }}",
        "{{ 9**(9**9) }}",
        "{{ (-2)**(2**70) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ '%99999999999999999999d' % 1 }}",
        "{{ '%.1000000000f' % 1.5 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:01000000000,}'.format(1) }}",
        "{{ '{:.1000000000f}'.format(1.5) }}",
        "{{ '{:c}'.format(2**70) }}",
        "{{ 'a' | center(10**9) }}",
        "{{ 'a'.ljust(10**12) }}",
        "{{ 'a'.rjust(2**80) }}",
        "{{ '1'.zfill(2**62) }}",
        "{{ '\t'.expandtabs(10**12) }}",
        "{{ 'a\n\na' | indent(10**9) }}",
        "{{ [[1]] | tojson(indent=10**9) }}",
        "{{ ([1] * 100000) | join('x' * 100000) }}",
        "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
        "{{ ('a' * 100000) | replace('', 'b' * 100000) }}",
        "{{ [1] | batch(10**12, 'x') | list }}",
        "{{ [1] | slice(10**12) | list }}",
        "{{ dict((range(90000) | batch(2)))[[1]].x }}"
      })
  void refusesOneHugeThing(String template) {
    assertRefused(template);
  }

  @Test
  void refusesALoopWithoutEnd() {
    assertRefused(LOOPS.replace("%s", "{% set x = 1.1e-300 | string %}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{{ 'some text' }}",
        "{% set x = [i, j] %}",
        "{% set x = 1.1e-300 | string %}",
        "{% set x = 1e308 | round(300) %}",
        "{% set x = 10**4000 | string %}",
        "{% set x = 10**4000 == 1.5 %}",
        "{% set x = ('9' * 4000) | int %}",
        "{% set x = ('a' * 31 ~ 'b') in 'a' * 100000 %}",
        "{% set x = '%.5000f' % 1e308 %}",
        "{% set x = range(90000) | sort %}",
        "{% set x = ('a' * 100000).isalpha() %}",
        "{% set x = ('a' * 100000) is lower %}"
      })
  void refusesSmallThingsWithoutEnd(String body) {
    assertRefused(LOOPS.replace("%s", body), small());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% set ns.x = ns.x ~ ns.x %}",
        "{% set ns.x = ns.x + ns.x %}",
        "{% set ns.x = ns.x.replace('x', 'xx') %}",
        "{% set ns.x = [ns.x, ns.x] | string %}",
        "{% set ns.x = [ns.x, ns.x] %}{{ ns.x }}",
        "{% set ns.x = (ns.x, ns.x) %}{{ {ns.x: 1} }}",
        "{% set ns.x = [ns.x, ns.x] %}{{ ns.x | tojson }}",
        "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{{ ns.x == ns.y }}",
        "{% set ns.x = ns %}{{ ns.x }}",
        "{% set ns.x = {'x': ns.x} %}{{ ns.x | tojson }}",
        "{% set ns.x = ns.x | map('string') %}"
      })
  void refusesWhatGrowsWithEveryTurn(String body) {
    assertRefused(
        "{% set ns = namespace(x='x', y='x') %}" + LOOPS.replace("%s", body) + "{{ ns.x|list }}",
        small());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{{ f(n + 1) }}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% macro f(a=f()) %}{% endmacro %}{{ f() }}",
        "{% macro m() %}{% call m() %}x{% endcall %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}"
      })
  void refusesWhatCallsItselfWithoutEnd(String template) {
    assertRefused(template);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(", "[", "{'a': ", "-", "not ", "f(", "a[", "1 if 1 else ", "a|d(", "a is in("})
  void refusesExpressionsNestedWithoutEnd(String opening) {
    assertRefused("{{ " + opening.repeat(50_000) + "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"+ 1", "* 1", "| string", ".a", "[0]", "()", "is odd"})
  void refusesExpressionsWithoutEnd(String next) {
    assertRefused("{{ 1 " + (next + " ").repeat(50_000) + "}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{% if 1 %}", "{% for i in [1] %}", "{% filter upper %}", "{% with %}"})
  void refusesTagsNestedWithoutEnd(String tag) {
    assertRefused(tag.repeat(50_000));
  }

  @Test
  void refusesATemplateOfMoreThanAMillionCharacters() {
    assertRefused("x".repeat(1_000_001));
  }

  @Test
  void refusesVariablesWithoutEnd() {
    List<Object> cyclic = new ArrayList<>();
    cyclic.add(cyclic);
    Object shared = List.of(1);
    for (int i = 0; i < 60; i++) {
      shared = List.of(shared, shared);
    }
    for (Object value : List.of(cyclic, shared)) {
      assertThatThrownBy(() -> Template.parse("x").render(Map.of("v", value), CLOCK))
          .isInstanceOf(TemplateException.class)
          .hasMessageContaining("the variable 'v'");
    }
  }

  @Test
  void quotesNoMoreThanTheBeginningOfWhatItRefuses() {
    assertRefused("{{ raise_exception('x' * 100000) }}");
    assertRefused("{{ {}['x' * 100000].y }}");
    assertRefused("{{ [1].index('x' * 100000) }}");
    assertRefused("{{ " + "a".repeat(100_000) + "() }}");
    assertRefused("{{ 'a' | " + "a".repeat(100_000) + " }}");
    assertRefused("{% " + "a".repeat(100_000) + " %}");
  }

  @Test
  void turnsLettersThatBecomeSeveralAtOnce() {
    String template =
        "{{ ('ß' * 3000000) | upper | length }}{{ ('İ' * 1000000) | lower | length }}";
    assertTimeoutPreemptively(
        Duration.ofSeconds(60), // letter by letter it would be hours
        () ->
            assertThat(Template.parse(template).render(Map.of(), CLOCK))
                .isEqualTo("60000002000000"));
  }

  @Test
  void hasRoomForALongConversation() {
    String template =
        "{% for m in messages %}{{ '<|' ~ m.role ~ '|>' + m.content | trim ~ '\\n' }}{% endfor %}";
    List<Map<String, String>> messages = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      messages.add(Map.of("role", "user", "content", "word ".repeat(100)));
    }
    assertThat(Template.parse(template).render(Map.of("messages", messages), CLOCK))
        .hasSize(10_000 * (8 + 499 + 1));
  }
}
