package io.github.moa4j.examples.study.report;

import io.pebbletemplates.pebble.extension.AbstractExtension;
import io.pebbletemplates.pebble.extension.Filter;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The filter {@code md}: any text as one line of Markdown that shows it as it is. */
final class MarkdownEscaping extends AbstractExtension {

  private static final Pattern SPECIAL = Pattern.compile("([\\\\`*_\\[\\]|#~])");

  @Override
  public Map<String, Filter> getFilters() {
    return Map.of("md", new EscapingFilter());
  }

  static String escape(String text) {
    String html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return SPECIAL.matcher(html).replaceAll("\\\\$1").strip().replaceAll("\\R", "<br>");
  }

  private static final class EscapingFilter implements Filter {

    @Override
    public Object apply(
        Object input,
        Map<String, Object> arguments,
        PebbleTemplate self,
        EvaluationContext context,
        int lineNumber) {
      return input == null ? "" : escape(input.toString());
    }

    @Override
    public List<String> getArgumentNames() {
      return List.of();
    }
  }
}
