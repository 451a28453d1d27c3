package io.github.moa4j.core.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a template is turned into, it renders or is refused. */
class TemplatePropertyTest {

  private static final List<String> TEMPLATES = templates();
  private static final List<String> PIECES =
      List.of(
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "'",
          "\"",
          "\\",
          "-",
          "not ",
          "if ",
          "else ",
          "is ",
          "in ",
          "recursive",
          "loop(",
          "caller()",
          "varargs",
          "self",
          " * 99999999",
          " ** 999999",
          "| list",
          "| join",
          "[::-1]",
          "| tojson(indent=9999999)",
          "| center(999999999)",
          "%1000000d",
          "{:>99999999}",
          "{% for i in range(99999) %}",
          "{% endfor %}",
          "{% set s = s ~ s %}",
          "| map('upper')",
          "| groupby(0)",
          "| unique",
          "{% macro m() %}{{ m() }}{% endmacro %}",
          "{{ m() }}",
          "\0",
          "\uD800",
          "1e308",
          "0x");
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "s",
          "Hello, World!",
          "n",
          7,
          "f",
          2.5,
          "b",
          true,
          "l",
          List.of(3, 1, 2),
          "d",
          Map.of("a", 1),
          "ms",
          List.of(Map.of("role", "user", "content", "hi")));

  @Property(tries = 3000)
  void everyMutatedTemplateRendersOrIsRefused(@ForAll Random random) {
    String template = mutated(random);
    String result;
    try {
      result = Template.parse(template).render(VARIABLES, Clock.systemUTC());
    } catch (TemplateException e) {
      result = e.getMessage();
    }
    assertThat(result).as(template).isNotNull();
  }

  private static String mutated(Random random) {
    StringBuilder template = new StringBuilder(any(TEMPLATES, random));
    for (int i = random.nextInt(6); i >= 0; i--) {
      int from = random.nextInt(template.length() + 1);
      int to = Math.min(template.length(), from + random.nextInt(20));
      String other = any(TEMPLATES, random);
      switch (random.nextInt(4)) {
        case 0 -> template.insert(from, any(PIECES, random));
        case 1 -> template.delete(from, to);
        case 2 -> template.insert(from, template.substring(from, to).repeat(3));
        default -> template.insert(from, other, 0, random.nextInt(other.length() + 1));
      }
    }
    return template.toString();
  }

  private static String any(List<String> texts, Random random) {
    return texts.get(random.nextInt(texts.size()));
  }

  private static List<String> templates() {
    List<String> templates = new ArrayList<>();
    try (InputStream stream =
        TemplatePropertyTest.class.getResourceAsStream("/templates/python.jsonl")) {
      String all =
          new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : all.split("\n", -1)) {
        JsonNode golden = new JsonMapper().readTree(line);
        if (golden.has("template")) {
          templates.add(golden.get("template").asText());
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return templates;
  }
}
