package io.github.moa4j.examples.study.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.records.InterferenceFigures;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportWriterTest {

  private static final List<String> SECTIONS =
      List.of(
          "summary",
          "perplexity",
          "oracle",
          "answers",
          "routing",
          "calibration",
          "robustness",
          "unknown",
          "iteration",
          "interference",
          "ablations",
          "learning",
          "warm-start",
          "two-domains",
          "curves",
          "stability",
          "cost",
          "tuning",
          "cases",
          "data",
          "setup");

  private static final Pattern SCRIPT =
      Pattern.compile("<(script|style)[^>]*>(.*?)</\\1>", Pattern.DOTALL);
  private static final Pattern TAG = Pattern.compile("<(/?)([a-z0-9]+)[^<>]*>");

  @TempDir private static Path folder;

  @BeforeAll
  static void write() {
    ReportWriter.write(SampleResults.complete(), folder.resolve("complete"));
    ReportWriter.write(SampleResults.empty(), folder.resolve("empty"));
    ReportWriter.write(SampleResults.onlyBase(), folder.resolve("base"));
  }

  @Test
  void showsEverySectionInOrderWithATableOfContents() throws IOException {
    String page = read("complete/report.html");

    assertThat(sections(page)).containsExactlyElementsOf(SECTIONS);
    for (String section : SECTIONS) {
      assertThat(page).contains("<a href=\"#" + section + "\">");
    }
  }

  @Test
  void pageIsWellFormed() throws IOException {
    for (String name : List.of("complete", "empty", "base")) {
      Deque<String> open = new ArrayDeque<>();
      Matcher tags = TAG.matcher(withoutScripts(read(name + "/report.html")));
      while (tags.find()) {
        String tag = tags.group(2);
        if (tags.group(1).isEmpty()) {
          if (!tag.equals("meta")) {
            open.push(tag);
          }
        } else {
          assertThat(open.pop()).isEqualTo(tag);
        }
      }
      assertThat(open).isEmpty();
    }
  }

  @Test
  void pageNeedsNothingButItself() throws IOException {
    String page = read("complete/report.html");

    assertThat(withoutScripts(page)).doesNotContain(" src=", "<link", "<img", "http:", "https:");
    assertThat(page).doesNotContain("@import", "url(", "sourceMappingURL", "<script src");
    assertThat(page.length()).isLessThan(600_000);
  }

  @Test
  void everyPlotHasACanvasAndFiniteFigures() throws IOException {
    String page = read("complete/report.html");
    Matcher json = Pattern.compile("id=\"plots\">(.*?)</script>").matcher(page);
    assertThat(json.find()).isTrue();

    JsonNode plots = new JsonMapper().readTree(json.group(1));

    assertThat(json.group(1)).doesNotContain("NaN");
    assertThat(plots.size()).isGreaterThan(8);
    List<String> canvases =
        Pattern.compile("data-plot=\"(\\d+)\"")
            .matcher(page)
            .results()
            .map(result -> result.group(1))
            .toList();
    assertThat(canvases).hasSize(plots.size()).doesNotHaveDuplicates();
    assertThat(plots.findValuesAsText("title")).contains("Validation loss", "One shared adapter");
  }

  @Test
  void answersAreShownAsText() throws IOException {
    String page = withoutScripts(read("complete/report.html"));
    String markdown = read("complete/report.md");

    assertThat(page).contains("&lt;script&gt;alert(").doesNotContain("<b>next line");
    assertThat(page).contains("<title>Nine domains, thirteen methods &lt;sample&gt;</title>");
    assertThat(markdown).contains("&lt;script&gt;").doesNotContain("<script>", "<b>next line");
    assertThat(markdown).contains("\\| piped<br>");
  }

  @Test
  void markdownTablesAreRegular() throws IOException {
    int columns = 0;
    for (String line : read("complete/report.md").lines().toList()) {
      int cells = line.replace("\\|", "").split("\\|", -1).length;
      if (!line.startsWith("|")) {
        columns = 0;
      } else if (columns == 0) {
        columns = cells;
      } else {
        assertThat(cells).as(line).isEqualTo(columns);
      }
    }
  }

  @Test
  void marksTheBestMethodOfEveryDomain() throws IOException {
    String markdown = read("complete/report.md");
    int start = markdown.indexOf("**Perplexity**");
    String table = markdown.substring(start, markdown.indexOf("##", start));

    assertThat(table.lines().filter(line -> line.startsWith("| moa"))).isNotEmpty();
    assertThat(Pattern.compile("\\*\\*[\\d.]+\\*\\* ± [\\d.]+").matcher(table).results().count())
        .isEqualTo(10); // nine domains and the mean
  }

  @Test
  void writesOneRowAMethodSeedAndDomain() throws IOException {
    List<Map<String, String>> rows = csv("complete/methods.csv");

    assertThat(rows).hasSize((7 + 6 * 3) * 9);
    assertThat(rows.get(1))
        .containsEntry("method", "base")
        .containsEntry("domain", "exam")
        .containsEntry("bleu", "")
        .containsEntry("items", "40");
    assertThat(csv("complete/cases.csv").get(0)).containsEntry("answer", SampleResults.NASTY);
  }

  @Test
  void leavesOutWhatWasNotMeasured() throws IOException {
    assertThat(sections(read("empty/report.html"))).containsExactly("setup");
    try (Stream<Path> files = Files.list(folder.resolve("empty"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("report.html", "report.md");
    }
  }

  @Test
  void showsADashWhereAFigureIsMissing() throws IOException {
    assertThat(withoutScripts(read("base/report.html"))).contains("–").doesNotContain("NaN");
    assertThat(read("base/report.md")).contains("–").doesNotContain("NaN");
    assertThat(read("base/methods.csv")).doesNotContain("NaN");
  }

  @Test
  void sameResultsMakeTheSameFiles() throws IOException {
    ReportWriter.write(SampleResults.complete(), folder.resolve("again"));

    for (String file : List.of("report.html", "report.md", "methods.csv")) {
      assertThat(read("again/" + file)).isEqualTo(read("complete/" + file));
    }
  }

  @Test
  void saysWhereTheReportCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatThrownBy(() -> ReportWriter.write(SampleResults.empty(), file))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesAMatrixThatDoesNotFitItsNames() {
    assertThatThrownBy(
            () ->
                new RoutingScore(
                    "ridge", 1, List.of("a", "b"), new int[][] {{1, 2}}, 0, List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ridge");
    double[][] one = {{1}};
    assertThatThrownBy(() -> new InterferenceFigures(List.of("a", "b"), one, one, one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 adapters");
  }

  private static String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private static List<Map<String, String>> csv(String file) throws IOException {
    try (MappingIterator<Map<String, String>> rows =
        new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(read(file))) {
      return rows.readAll();
    }
  }

  private static List<String> sections(String page) {
    return Pattern.compile("<section id=\"([^\"]+)\">")
        .matcher(page)
        .results()
        .map(result -> result.group(1))
        .toList();
  }

  private static String withoutScripts(String page) {
    return SCRIPT.matcher(page).replaceAll("");
  }
}
