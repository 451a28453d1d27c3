package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a user sees who asks a mixture. */
final class AskTest {

  private final SmallMixture small = SmallMixture.shared();

  @Test
  void askStreamsAnAnswerAndSaysWhoGaveIt() {
    ProgramRun run =
        ProgramRun.of(
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            5,
            "--precision",
            "F32",
            "List",
            "all",
            "files");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().reduce((first, last) -> last).orElseThrow())
        .matches(
            "\\[domain (cron|shell|none: base \\(none of these\\)), confidence [01]\\.\\d{3}, next (cron|shell)"
                + " [01]\\.\\d{3}, \\d+ \\+ \\d tokens, routing \\d+ ms,"
                + " prefill \\d+ ms, \\d+\\.\\d tokens/s]");
  }

  @Test
  void askAnswersLineByLineUntilAnEmptyLine() {
    ProgramRun run =
        ProgramRun.withInput(
            "List all files\n" + "long ".repeat(2000) + "\nEvery day at noon\n\nnever read\n",
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            3,
            "--precision",
            "F32",
            "--domain",
            "cron",
            "--temperature",
            0.7,
            "--stop",
            "#");

    assertThat(run.out().lines().filter(line -> line.startsWith("[domain cron"))).hasSize(2);
    assertThat(run.out()).doesNotContain(">");
    assertThat(run.error()).contains("the model's context of 1024");
  }

  @Test
  void askKeepsTheConversationUntilANewOneBegins() {
    List<Integer> together = promptTokens("List all files\nAnd now\n/new\nAnd now\n");
    List<Integer> apart = promptTokens("List all files\nAnd now\n", "--no-history");

    assertThat(together.get(1)).isGreaterThan(apart.get(1));
    assertThat(together.get(2)).isEqualTo(apart.get(1));
  }

  private List<Integer> promptTokens(String input, Object... options) {
    ProgramRun run =
        ProgramRun.withInput(
            input,
            new Ask(),
            SmallMixture.and(
                List.of("--mixture", small.copy(), "--max-new-tokens", 2, "--precision", "F32"),
                options));
    return Pattern.compile(", (\\d+) \\+ \\d+ tokens")
        .matcher(run.out())
        .results()
        .map(match -> Integer.valueOf(match.group(1)))
        .toList();
  }

  @Test
  void askLetsTheBaseAnswerBelowTheThreshold() {
    ProgramRun run =
        ProgramRun.of(
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            2,
            "--precision",
            "F32",
            "--router",
            "ridge",
            "--threshold",
            1,
            "Colourless green ideas");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("(not sure of any|none of the) domains?.*\\n.*")
        .containsPattern("\\[domain none: base \\((unsure|none of these)\\), confidence");
  }

  @Test
  void askLeavesUnansweredWhatBelongsToNoDomain() {
    ProgramRun run =
        ProgramRun.of(
            new Ask(), "--mixture", small.copy(), "--precision", "F32", "--no-base", "???");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().strip()).isEqualTo("There is no word in this.");
  }
}
