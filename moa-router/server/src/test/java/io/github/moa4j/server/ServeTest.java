package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The program in a process of its own. */
@Timeout(300)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGTERM")
final class ServeTest {

  private static final int TERMINATED = 128 + 15;

  @Test
  void answersUnderWayBecomeWholeWhenTheProcessIsToldToEnd() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Serve.class.getName(),
                    "--mixture=" + ServedMixture.directory(),
                    "--port=0"))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("Serving ")) {
        line = out.readLine();
      }
      assertThat(line).isNotNull();
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      line.substring(line.indexOf(" at ") + " at ".length())
                          + "v1/chat/completions"))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      """
                      {"model": "base", "stream": true, "max_tokens": 300,
                       "messages": [{"role": "user", "content": "The old house stood"}]}"""))
              .build();
      try (BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(
                  HttpClient.newHttpClient()
                      .send(request, HttpResponse.BodyHandlers.ofInputStream())
                      .body(),
                  StandardCharsets.UTF_8))) {
        assertThat(answer.readLine()).startsWith("data: {");
        process.toHandle().destroy(); // SIGTERM; the process itself would close its output
        assertThat(answer.lines().collect(Collectors.joining("\n")))
            .contains("\"finish_reason\":\"")
            .contains("data: [DONE]")
            .doesNotContain("\"error\"");
      }
      String said = out.lines().collect(Collectors.joining("\n"));
      assertThat(process.waitFor()).as(said).isEqualTo(TERMINATED);
      assertThat(said).doesNotContain("Exception").doesNotContain("SIG");
    }
  }
}
