package io.github.moa4j.examples.study.report;

import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes the results of a comparison for people and for programs: {@code report.html}, one page
 * that needs neither network nor other files, {@code report.md}, and a CSV file for each kind of
 * figures.
 */
public final class ReportWriter {

  private ReportWriter() {}

  /**
   * Writes all files, replacing those of an earlier report. What was not measured is left out.
   *
   * @param directory created if it is not there
   * @throws MoaException if a file cannot be written
   */
  public static void write(ComparisonResults results, Path directory) {
    try {
      Files.createDirectories(directory);
      ReportPage page = new ReportPage(results);
      write(directory.resolve("report.html"), page.html());
      write(directory.resolve("report.md"), page.markdown());
      for (Map.Entry<String, List<List<Object>>> table : CsvTables.of(results).entrySet()) {
        write(
            directory.resolve(table.getKey() + ".csv"),
            new CsvMapper().writeValueAsString(table.getValue()));
      }
    } catch (IOException e) {
      throw new MoaException("Cannot write the report to " + directory + ": " + e, e);
    }
  }

  private static void write(Path file, String text) {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8), MoaException::new);
  }
}
