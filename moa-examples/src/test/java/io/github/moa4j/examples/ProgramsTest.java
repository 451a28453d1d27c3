package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.guides.ClinicalNotes;
import io.github.moa4j.examples.guides.MachineFaults;
import io.github.moa4j.examples.guides.ReportLines;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ProgramsTest {

  static List<Callable<Integer>> programs() {
    return List.of(
        new Quickstart(),
        new Ask(),
        new Evaluate(),
        new TrainDomain(),
        new AddDomain(),
        new RemoveDomain(),
        new ForgetData(),
        new CheckData(),
        new ImportPeftAdapter(),
        new MergeAdapter(),
        new EncryptMixture(),
        new SignAdapter(),
        new VerifyAdapter(),
        new AuditPrivacy(),
        new ClinicalNotes(),
        new ReportLines(),
        new MachineFaults());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void explainsItself(Callable<Integer> program) {
    ProgramRun run = ProgramRun.of(program, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Usage: " + program.getClass().getSimpleName());
  }
}
