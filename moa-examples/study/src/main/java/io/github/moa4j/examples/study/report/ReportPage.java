package io.github.moa4j.examples.study.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.sections.ReportSections;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The report as text, made of its sections by a template each for HTML and Markdown. */
final class ReportPage {

  private static final String FOLDER = "io/github/moa4j/examples/study/report/";
  private static final String CHART_VERSION =
      "META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  private final ComparisonResults results;
  private final List<Section> sections;

  ReportPage(ComparisonResults results) {
    this.results = results;
    this.sections = ReportSections.of(results);
  }

  String html() throws IOException {
    List<Plot> plots =
        sections.stream()
            .flatMap(section -> section.blocks().stream())
            .filter(Plot.class::isInstance)
            .map(Plot.class::cast)
            .toList();
    return render(
        "report.html",
        true,
        Map.of(
            "title", results.title(),
            "sections", sections,
            "plots", plots,
            "plotsJson", script(new JsonMapper().writeValueAsString(plots)),
            "style", resource(FOLDER + "report.css"),
            "script", resource(FOLDER + "report.js"),
            "library", plots.isEmpty() ? "" : script(chartLibrary())));
  }

  String markdown() throws IOException {
    return render("report.md", false, Map.of("title", results.title(), "sections", sections));
  }

  private static String render(String template, boolean escaped, Map<String, Object> values)
      throws IOException {
    ClasspathLoader loader = new ClasspathLoader(ReportPage.class.getClassLoader());
    loader.setPrefix(FOLDER);
    loader.setSuffix(".peb");
    PebbleEngine engine =
        new PebbleEngine.Builder()
            .loader(loader)
            .autoEscaping(escaped)
            .strictVariables(true)
            .extension(new MarkdownEscaping())
            .build();
    StringWriter text = new StringWriter();
    engine.getTemplate(template).evaluate(text, values);
    return text.toString();
  }

  /** Text that may stand in a script element: nothing in it can close the element. */
  private static String script(String text) {
    return text.replace("</", "<\\/").replace("<!--", "<\\!--");
  }

  private static String chartLibrary() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(resource(CHART_VERSION)));
    } catch (IOException e) {
      throw new MoaException("Cannot read the resource " + CHART_VERSION + ".", e);
    }
    String version = properties.getProperty("version");
    return resource("META-INF/resources/webjars/chart.js/" + version + "/dist/chart.umd.min.js")
        .replaceFirst("//# sourceMappingURL=.*", "");
  }

  private static String resource(String path) {
    try (InputStream in = ReportPage.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new MoaException(
            "The resource " + path + " is not on the class path: run it with all of its jars.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MoaException("Cannot read the resource " + path + ".", e);
    }
  }
}
