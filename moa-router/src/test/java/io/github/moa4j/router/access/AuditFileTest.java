package io.github.moa4j.router.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.access.AuditRecord.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class AuditFileTest {

  private static final String LINE =
      "{\"at\":\"2026-03-04T05:06:07.008Z\",\"question\":\"q1\",\"event\":\"ENDED\","
          + "\"caller\":\"anna \\\"x\\\"\\n\",\"domain\":\"sql\",\"versions\":{\"sql\":3},"
          + "\"confidence\":0.75,\"promptTokens\":12,\"answerTokens\":5}\n";

  @TempDir private Path folder;

  private static AuditRecord record(String question) {
    return new AuditRecord(
        Instant.parse("2026-03-04T05:06:07.008Z"),
        question,
        Event.ENDED,
        Optional.of("anna \"x\"\n"),
        Optional.empty(),
        Optional.of("sql"),
        Map.of("sql", 3),
        OptionalDouble.of(0.75),
        Optional.empty(),
        12,
        5,
        Optional.empty());
  }

  private static void keep(Path file, String question) {
    try (AuditFile audit = AuditFile.open(file)) {
      audit.keep(record(question));
    }
  }

  @Test
  void aRecordIsALine() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    keep(file, "q1");
    assertThat(file).hasContent(LINE);
    keep(file, "q2");
    assertThat(Files.readString(file)).isEqualTo(LINE + LINE.replace("q1", "q2"));
  }

  @Test
  void whatAnEndLeftOfALineIsCutOff() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    for (int length = 0; length < LINE.length(); length++) {
      Files.writeString(file, LINE + LINE.substring(0, length));
      keep(file, "q2");
      assertThat(Files.readString(file)).isEqualTo(LINE + LINE.replace("q1", "q2"));
    }
    Files.writeString(file, LINE.substring(0, 100));
    AuditFile.open(file).close();
    assertThat(file).isEmptyFile();
    Files.writeString(file, LINE + "\0".repeat(30_000)); // a machine that lost its power
    AuditFile.open(file).close();
    assertThat(Files.readString(file)).isEqualTo(LINE);
  }

  @Test
  void anotherFileIsNotTouched() throws IOException {
    Path file = Files.writeString(folder.resolve("thesis.txt"), "It was a dark night");
    assertThatThrownBy(() -> AuditFile.open(file))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("thesis.txt", "holds something else");
    assertThat(file).hasContent("It was a dark night");
    assertThatThrownBy(() -> AuditFile.open(folder))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> AuditFile.open(folder.resolve("no/such/folder")))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("Cannot write");
  }

  @Test
  void oneWritesAtATime() {
    Path file = folder.resolve("audit.jsonl");
    AuditFile audit = AuditFile.open(file);
    assertThatThrownBy(() -> AuditFile.open(file))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("is being written by somebody else");
    audit.close();
    assertThatThrownBy(() -> audit.keep(record("late"))).isInstanceOf(MoaException.class);
    keep(file, "q1");
  }

  @Test
  void interruptsAndThreadsDoNoHarm() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    try (AuditFile audit = AuditFile.open(file)) {
      List<Thread> threads =
          IntStream.range(0, 8)
              .mapToObj(
                  t ->
                      new Thread(
                          () -> {
                            for (int i = 0; i < 20; i++) {
                              Thread.currentThread().interrupt();
                              audit.keep(record(t + "-" + i));
                            }
                          }))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(Files.readAllLines(file))
        .hasSize(160)
        .doesNotHaveDuplicates()
        .allMatch(line -> line.startsWith("{\"at\"") && line.endsWith("}"));
  }

  /** Keeps records for ever, and says of each when it is safe. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) {
      AuditFile audit = AuditFile.open(Path.of(arguments[0]));
      for (int i = 0; ; i++) {
        audit.keep(record("q" + i));
        System.out.println("q" + i);
      }
    }
  }

  @Test
  @Timeout(60)
  void killingTheProcessLosesNoRecord() throws Exception {
    for (int records : List.of(1, 3, 40)) {
      Path file = folder.resolve("killed-" + records + ".jsonl");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  file.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      List<String> safe = new ArrayList<>();
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        for (int i = 0; i < records; i++) {
          safe.add(out.readLine());
        }
        process.toHandle().destroyForcibly(); // SIGKILL, while the next are written
        out.lines().forEach(safe::add);
      }
      process.waitFor();
      keep(file, "after");
      List<String> lines = Files.readAllLines(file);
      assertThat(lines).allMatch(line -> line.startsWith("{\"at\"") && line.endsWith("}"));
      assertThat(String.join("\n", lines))
          .contains(safe.stream().map(question -> "\"" + question + "\"").toList())
          .contains("\"after\"");
    }
  }
}
