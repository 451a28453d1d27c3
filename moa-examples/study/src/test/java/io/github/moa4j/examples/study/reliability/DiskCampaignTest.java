package io.github.moa4j.examples.study.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.examples.study.reliability.DiskCampaign.Disk;
import io.github.moa4j.examples.study.reliability.disk.Faults;
import io.github.moa4j.examples.study.reliability.disk.Operation;
import io.github.moa4j.examples.study.reliability.disk.PowerCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The campaign in small. */
final class DiskCampaignTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"FAILS_ONCE, PAIR, 7", "DIES, SIGN, 7", "FULL, REPLACE, 211", "LOSES_POWER, PAIR, 9"})
  void aChangeLeavesTheOldStateOrTheNewOne(Disk disk, String kind, int every) throws IOException {
    DiskCampaign.Tally tally = DiskCampaign.run(kind, disk, folder, every, 64);

    assertThat(tally.wrong()).isEmpty();
    assertThat(tally.states()).isGreaterThan(5);
  }

  /** The campaign in turn: a writer that forces nothing would be found out. */
  @Test
  void seesWhatWasNotForcedToTheDisk() throws IOException {
    Path mixture = folder.resolve("mixture");
    SigningKey key =
        SigningKey.generate(
            KeyAlgorithm.ED25519, folder.resolve("key.pem"), folder.resolve("key.pub"));
    Scenario scenario = Scenario.of(Change.Kind.REPLACE, mixture, key, 64);
    Faults none = Faults.none();
    assertThat(scenario.run(mixture, none)).isTrue();
    DurableFiles.deleteTree(mixture);
    List<Operation> unforced =
        none.operations().stream()
            .filter(operation -> operation.kind() != Operation.Kind.FORCE)
            .toList();
    List<Throwable> wrong = new ArrayList<>();

    new PowerCut(scenario.before(), unforced)
        .visit(
            0,
            unforced.size(),
            (disk, done, lost) -> {
              disk.writeTo(mixture);
              wrong.add(catchThrowable(() -> scenario.check(mixture, done == unforced.size())));
              DurableFiles.deleteTree(mixture);
            });

    assertThat(wrong).contains((Throwable) null).anyMatch(MoaException.class::isInstance);
  }
}
