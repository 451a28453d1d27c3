package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command lines of the documentation, as a shell runs them. */
@Timeout(300)
final class CurlTest {

  /** A call and the lines that it goes on in. */
  private static final Pattern CALL =
      Pattern.compile("^curl .*(?:(?<=\\\\)\n.*)*", Pattern.MULTILINE);

  @Test
  void thePagesCallsAreAnswered() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
    String page = Files.readString(Path.of("../../docs/server.md"));
    List<String> calls = CALL.matcher(page).results().map(MatchResult::group).toList();
    assertThat(calls).hasSize(3);
    try (MoaServer server =
        MoaServer.start(ServedMixture.shared(), ServerSettings.builder().port(0).build())) {
      String here = "http://127.0.0.1:" + server.port() + "/";
      assertThat(run(calls.get(0), here)).contains("\"auto\"", "\"capitals\"");
      assertThat(run(calls.get(1), here)).contains("\"chat.completion\"", "\"moa\"");
      assertThat(run(calls.get(2), here)).contains("chat.completion.chunk").endsWith("[DONE]\n\n");
    }
  }

  private static String run(String call, String address) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-c", call.replace("http://localhost:8080/", address))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(said).isZero();
    return said;
  }
}
