package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

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
            "\\[domain (cron|shell), confidence [01]\\.\\d{3}, \\d+ \\+ \\d tokens, routing \\d+ ms,"
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
    assertThat(run.out()).contains("[domain none: base, confidence");
  }
}
