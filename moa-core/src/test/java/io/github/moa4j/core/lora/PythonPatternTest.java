package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected matches are those of Python 3.12's {@code re}. */
class PythonPatternTest {

  private static final List<String> PATHS =
      Stream.of(paths(0), paths(11), Stream.of("model.embed_tokens", "lm_head"))
          .flatMap(paths -> paths)
          .toList();

  private static Stream<String> paths(int layer) {
    return Stream.of(TargetModule.values())
        .filter(module -> !module.isOfExperts() && !module.isFused())
        .map(module -> ModulePatterns.path(layer, module));
  }

  private static String matched(Predicate<String> pattern) {
    return PATHS.stream().map(path -> pattern.test(path) ? "1" : "0").collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        ".*q_proj ; 1000000100000000",
        "(?P<where>.*)\\.(?P<what>q_proj|down_proj) ; 1000001100000100",
        ".*\\.[qv]_proj\\Z ; 1010000101000000",
        "\\Amodel.*up_proj$ ; 0000010000001000",
        "(?i).*Q_PROJ ; 1000000100000000",
        "(?ai:.*K_PROJ) ; 0100000010000000",
        "(?s)model\\..* ; 1111111111111110",
        "^(?!.*layers\\.0).*proj ; 0000000111111100",
        "(?!.*mlp)model\\..* ; 1111000111100010",
        "model\\.layers\\.(?!0\\.)\\d+\\..* ; 0000000111111100",
        ".*(?<!up)_proj ; 1111101111110100",
        ".*(?<=down|gate)_proj|lm_head ; 0000101000010101",
        "(?=.*attn)(?!.*[qk]_).*$ ; 0011000001100000",
        "(?:.*?(?:language|text|model).*?(?:self_attn|attention|mlp).*?(?:k_proj|up_proj).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:mlp)\\.(?:(?:gate_proj))) ; 0100110010011000",
        "model.layers.\\d{,1}.mlp.up_proj ; 0000010000000000",
        "model.layers.\\d{2}.mlp.(up|down)_proj ; 0000000000001100",
        "[^]]*v_proj ; 0010000001000000",
        "[[m]odel.*o_proj ; 0001000000100000",
        ".*\\x71_proj ; 1000000100000000",
        ".*\\u0071_proj ; 1000000100000000",
        "(?#all).*gate_proj ; 0000100000010000",
        "model\\.(layers|h)\\.(1[01]|2)\\.(mlp|self_attn)\\.((up|q)_proj) ; 0000000100001000",
        "lm_head|.*embed_tokens ; 0000000000000011",
        "q_proj ; 0000000000000000",
        ".*?(?:[kv]_proj|lm_head)\\b ; 0110000011000001",
        "(?!lm)(?!model\\.e).* ; 1111111111111100"
      })
  void matchesWholePathsAsPythonDoes(String pattern, String expected) {
    assertThat(matched(new PythonPattern(pattern)::matches)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "q_proj ; 1000000100000000",
        "layers.0.mlp.up_proj ; 0000010000000000",
        "layers\\.(0|1)\\..*_proj ; 1111111000000000",
        "^model.layers.0.self_attn.o_proj ; 0001000000000000",
        "^q_proj ; 0000000000000000",
        ".*\\.v_proj ; 0010000001000000",
        "proj ; 0000000000000000",
        "(k|v)_proj ; 0110000011000000",
        "(?!.*mlp)layers.* ; 1111000111100000",
        "mlp ; 0000000000000000",
        "model.embed_tokens ; 0000000000000010",
        "lm.head ; 0000000000000001",
        "down_proj$ ; 0000001000000100",
        "layers\\.[0-9]+\\.self_attn\\.(?P<n>k|o)_proj ; 0101000010100000"
      })
  void findsKeysOfPatternMapsAsPeftDoes(String key, String expected) {
    ModulePatterns.check(Set.of(key));
    assertThat(matched(path -> ModulePatterns.first(Map.of(key, true), path, false)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(q)_\\1",
        "(?P<n>q)(?P=n)",
        "(?x) q _proj",
        "(q)?(?(1)a|b)",
        "(?:a(?!b))*",
        "(?!a(?=b)).*",
        "(?!a)*b",
        "(?!a",
        "a.*(?!^b).*",
        ".*(?!x)q\\bproj",
        "(",
        "[",
        "a{1001}",
        "(?>a)",
        "a++",
      })
  void refusesByNameWhatCannotBeMatchedInLinearTime(String pattern) {
    assertThatThrownBy(() -> new PythonPattern(pattern))
        .isInstanceOf(AdapterException.class)
        .hasMessageStartingWith("The pattern \"" + pattern);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "(?:a|", "((a{99}){99})", "[a-z]{7}"})
  void refusesPatternsWithoutEnd(String piece) {
    assertThatThrownBy(() -> new PythonPattern(piece.repeat(20_000)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("too large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(.*x)?", "(?:.*.*)*", "(?!x).*", "(?:a|b|.)*"})
  void givesUpOnPatternsThatTakeTooLong(String piece) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatThrownBy(
                    () -> {
                      PythonPattern pattern = new PythonPattern(piece.repeat(9_000) + "y");
                      ModulePatterns.paths(9_000, List.of()).forEach(pattern::matches);
                    })
                .isInstanceOf(AdapterException.class)
                .hasMessageMatching(".*(too large|too long to match)\\."));
  }

  @Test
  void takesTheNamesOfAllModulesOfALargeBase() {
    List<String> paths = ModulePatterns.paths(80, List.of());
    PythonPattern pattern = new PythonPattern(String.join("|", paths).replace(".", "\\."));
    assertThat(paths).allMatch(pattern::matches);
  }

  /** Each key alone stays below the limit. */
  @Test
  void manyKeysShareOneLimit() {
    Map<String, Integer> keys = new LinkedHashMap<>();
    for (int i = 0; i < 3_000; i++) {
      keys.put("[a-z]*" + i + "(?=x)", i);
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatThrownBy(
                    () -> ModulePatterns.first(keys, ModulePatterns.paths(12, List.of()), 0))
                .isInstanceOf(AdapterException.class)
                .hasMessageContaining("takes too long to match"));
  }

  @Test
  void refusesAnAlphaThatNoFloatHolds() {
    assertThatThrownBy(() -> LoraConfig.of(4, 1e300, Set.of(TargetModule.Q_PROJ)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lpha");
  }
}
