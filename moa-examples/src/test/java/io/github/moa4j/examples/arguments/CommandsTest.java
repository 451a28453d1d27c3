package io.github.moa4j.examples.arguments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.Ask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX) // elsewhere names are read in UTF-8 or UTF-16, whatever the locale
final class CommandsTest {

  @Test
  void aNameThatTheLocaleCannotSayIsNotLookedFor() throws IOException, InterruptedException {
    ProcessBuilder program =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$0\" -cp \"$1\" \"$2\" --mixture $(printf 'gef\\303\\244lle')",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"),
                Ask.class.getName())
            .redirectErrorStream(true);
    program.environment().put("LC_ALL", "C");
    Process process = program.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said).contains("Set a locale of UTF-8, say LC_ALL=C.UTF-8");
  }
}
