package io.github.moa4j.examples.study.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** That the originals are valid, and a few hundred changed files: the campaign in small. */
final class CampaignTest {

  private static final long SEED = 7;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void originalsAreOpened(FileKind kind) throws IOException {
    Originals.write(folder);

    assertThatCode(() -> kind.read(folder)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_NONE, names = ".*_TOKENIZER")
  void changedFilesAreOpenedOrRefused(FileKind kind) throws IOException {
    HostileRun run = new HostileRun(kind, SEED, folder);

    for (int i = 0; i < 40; i++) {
      String outcome = run.outcome(run.mutated(i));
      assertThat(outcome).as("%s %d", kind, i).isIn(HostileRun.OPENED, HostileRun.REFUSED);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ANY, names = ".*_TOKENIZER")
  void changedTokenizersDoNotEndTheProcess(FileKind kind) {
    Campaign.Tally tally = Campaign.run(kind, SEED, 0, 30, 10, Optional.empty());

    assertThat(tally.wrong()).isEmpty();
    assertThat(tally.tried()).isEqualTo(30);
  }

  @Test
  void refusesAPieceOfAVocabularyThatHasNoText() throws IOException {
    HostileRun run = new HostileRun(FileKind.UNIGRAM_TOKENIZER, SEED, folder);
    String original = Files.readString(FileKind.UNIGRAM_TOKENIZER.file(folder));

    String without = original.replace("[\"<unk>\",0.0]", "[]");

    assertThat(without).isNotEqualTo(original);
    assertThat(run.outcome(without.getBytes(StandardCharsets.UTF_8))).isEqualTo(HostileRun.REFUSED);
  }

  @Test
  void aFileIsTheSameInWhateverRangeItIsMade() throws IOException {
    HostileRun run = new HostileRun(FileKind.MODEL, SEED, folder);
    byte[] first = run.mutated(5);
    IntStream.range(0, 10).forEach(run::mutated);

    assertThat(new HostileRun(FileKind.MODEL, SEED, folder).mutated(5)).isEqualTo(first);
    assertThat(new HostileRun(FileKind.MODEL, 8, folder).mutated(5)).isNotEqualTo(first);
  }
}
