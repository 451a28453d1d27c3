package io.github.moa4j.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What {@code --help} says. */
class ProgramOptionsTest {

  static List<Program> programs() {
    return Program.all();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void saysTheDefaultOfEveryOptionThatTakesAValueAndNeedNotBeGiven(Program program) {
    CommandSpec spec = program.command().getCommandSpec();

    assertThat(spec.options())
        .filteredOn(option -> option.arity().max() > 0)
        .filteredOn(option -> !option.required())
        .filteredOn(option -> !saysItsDefault(spec, option))
        .extracting(OptionSpec::longestName)
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void saysADefaultOnce(Program program) {
    CommandSpec spec = program.command().getCommandSpec();

    assertThat(spec.options())
        .filteredOn(option -> describesItsDefault(option) && showsItsDefault(spec, option))
        .extracting(OptionSpec::longestName)
        .isEmpty();
  }

  private static boolean saysItsDefault(CommandSpec spec, OptionSpec option) {
    return describesItsDefault(option) || showsItsDefault(spec, option);
  }

  private static boolean describesItsDefault(OptionSpec option) {
    return String.join(" ", option.description())
        .toLowerCase(java.util.Locale.ROOT)
        .contains("default");
  }

  private static boolean showsItsDefault(CommandSpec spec, OptionSpec option) {
    return spec.usageMessage().showDefaultValues() && option.defaultValue() != null;
  }
}
