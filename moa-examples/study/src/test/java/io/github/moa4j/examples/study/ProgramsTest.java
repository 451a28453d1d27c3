package io.github.moa4j.examples.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class ProgramsTest {

  static List<Callable<Integer>> programs() {
    return List.of(
        new CompareMethods(),
        new CommonAdapter(),
        new Benchmark(),
        new FormatQuality(),
        new ManyCallers(),
        new Soak(),
        new HostileFiles(),
        new StructuredAnswers(),
        new RoutingTrust(),
        new RoutingUtility(),
        new KilledWriters(),
        new FailingDisks(),
        new Endurance());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void explainsItself(Callable<Integer> program) {
    StringWriter out = new StringWriter();

    int exitCode = new CommandLine(program).setOut(new PrintWriter(out)).execute("--help");

    assertThat(exitCode).isZero();
    assertThat(out.toString()).startsWith("Usage: " + program.getClass().getSimpleName());
  }
}
