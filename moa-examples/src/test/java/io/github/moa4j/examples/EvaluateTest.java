package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.text.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads of a mixture, a base and an adapter. */
final class EvaluateTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void evaluateMeasuresAMixtureAndKeepsEveryExample() throws IOException {
    Path file = Files.createFile(folder.resolve("file.jsonl"));
    Path lines = Files.createSymbolicLink(folder.resolve("lines.jsonl"), file);
    ProgramRun run =
        ProgramRun.of(
            new Evaluate(),
            "--mixture",
            small.copy(),
            "--data",
            small.data,
            "--items",
            3,
            "--answers",
            2,
            "--max-new-tokens",
            4,
            "--output",
            lines,
            "--precision",
            "F32");

    assertThat(run.exitCode()).isZero();
    List<String> rows = run.out().lines().toList();
    assertThat(rows.get(0)).matches("domain +items +perplexity +exact match +routing accuracy");
    assertThat(rows.get(1)).matches("cron +3 +\\d+\\.\\d{3} +[01]\\.\\d{3} +[01]\\.\\d{3}");
    assertThat(rows.get(3)).matches("sql +3 +\\d+\\.\\d{3} +[01]\\.\\d{3} +-");
    assertThat(rows.get(4)).startsWith("(mean)").contains(" 9 ");
    assertThat(lines).isSymbolicLink();
    List<String> written = Files.readAllLines(file);
    assertThat(written).hasSize(9);
    JsonNode first = new ObjectMapper().readTree(written.get(0));
    assertThat(first.fieldNames())
        .toIterable()
        .containsExactly(
            "domain",
            "prompt",
            "expected",
            "answer",
            "exact",
            "chosen_domain",
            "confidence",
            "loss",
            "answer_tokens");
    assertThat(first.path("answer").isTextual()).isTrue();
    assertThat(new ObjectMapper().readTree(written.get(2)).path("answer").isNull()).isTrue();
  }

  @Test
  void evaluateMeasuresABaseWithAndWithoutAnAdapter() {
    MixtureState state = MixtureDirectory.open(small.copy()).state();
    List<Object> common =
        List.of("--base", small.base, "--data", small.data, "--items", 2, "--answers", 0);

    ProgramRun alone =
        ProgramRun.of(new Evaluate(), SmallMixture.and(common, "--precision", "F32"));
    ProgramRun adapted =
        ProgramRun.of(
            new Evaluate(),
            SmallMixture.and(
                common, "--precision", "F32", "--adapter", state.adapterDirectory("cron")));

    assertThat(alone.out().lines().toList().get(1)).matches("cron +2 +\\d+\\.\\d{3} +- +-");
    assertThat(adapted.exitCode()).isZero();
    assertThat(adapted.out()).isNotEqualTo(alone.out());
  }

  @Test
  void activatedAdapterIsMeasuredFromItsInvocationOn() throws IOException {
    Path cron = MixtureDirectory.open(small.copy()).adapterDirectory("cron");
    int newLine;
    try (TextTokenizer tokenizer = TextTokenizer.open(small.base)) {
      newLine = tokenizer.encode("\n")[0]; // the template ends every prompt with it
    }

    List<Double> base = losses();
    List<Double> plain = losses("--adapter", cron);
    List<Double> activated = losses("--adapter", activated(cron, newLine));
    List<Double> neverInvoked = losses("--adapter", activated(cron, 4000, 4001, 4000));

    assertThat(activated).isNotEqualTo(base).isNotEqualTo(plain);
    assertThat(plain).isNotEqualTo(base);
    assertThat(neverInvoked).isEqualTo(base);
  }

  /** The loss of each example under the base or an adapter. */
  private List<Double> losses(Object... adapter) throws IOException {
    Path lines = folder.resolve("losses.jsonl");
    ProgramRun run =
        ProgramRun.of(
            new Evaluate(),
            SmallMixture.and(
                List.of("--base", small.base, "--data", small.data, "--items", 2, "--answers", 1),
                "--max-new-tokens",
                2,
                "--precision",
                "F32",
                "--output",
                lines,
                adapter));
    assertThat(run.exitCode()).as(run.toString()).isZero();
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(lines)) {
      losses.add(new ObjectMapper().readTree(line).path("loss").asDouble());
    }
    return losses;
  }

  /** A copy of an adapter that applies from tokens of the prompt on. */
  private Path activated(Path adapter, int... invocation) throws IOException {
    Path target = Files.createDirectories(folder.resolve("activated-" + invocation.length));
    Files.move(
        SmallMixture.peftFilesOf(folder, adapter), target, StandardCopyOption.REPLACE_EXISTING);
    SmallMixture.activate(target, invocation);
    return target;
  }
}
