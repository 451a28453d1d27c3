package io.github.moa4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the one JSON reader accepts, and how it says what is wrong. */
final class JsonObjectTest {

  private static final Path FILE = Path.of("some.json");

  @TempDir private Path folder;

  private static JsonObject json(String text) {
    return JsonObject.parse(text.replace('\'', '"'), FILE, MoaException::new);
  }

  @Test
  void readsEveryKindOfValue() {
    JsonObject json =
        json(
            "{'t':'a','b':true,'i':3,'l':9007199254740993,'n':0.5,'o':{'x':1},'s':['p','q'],"
                + "'z':[1,2],'os':[{'k':1},{'k':2}],'nothing':null}");
    assertThat(json.text("t")).isEqualTo("a");
    assertThat(json.bool("b")).isTrue();
    assertThat(json.integer("i", 0)).isEqualTo(3);
    assertThat(json.longInteger("l", 0)).isEqualTo(9007199254740993L);
    assertThat(json.number("n")).isEqualTo(0.5);
    assertThat(json.object("o").integer("x", 0)).isEqualTo(1);
    assertThat(json.texts("s")).containsExactly("p", "q");
    assertThat(json.integers("z", 0)).containsExactly(1, 2);
    assertThat(json.objects("os")).extracting(o -> o.integer("k", 0)).containsExactly(1, 2);
    assertThat(json.has("nothing")).isFalse();
    assertThat(json.text("nothing", "otherwise")).isEqualTo("otherwise");
    assertThat(json.keys()).contains("nothing").hasSize(10);
    assertThat(json.any("os")).isEqualTo(List.of(Map.of("k", 1), Map.of("k", 2)));
    assertThat(json.values()).containsEntry("nothing", null).containsEntry("n", 0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{'a':1,'a':2}",
        "{'o':{'a':1,'a':2}}",
        "{} {}",
        "{}x",
        "[1]",
        "7",
        "null",
        "{'a':tru}",
        "{'a':01}",
        "{a:1}",
        "{'a':1,}",
        "// no\n{}"
      })
  void refusesWhatIsNotOneStrictObject(String text) {
    assertThatThrownBy(() -> json(text))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("some.json");
  }

  @Test
  void refusesDeepNestingWithoutOverflow() {
    assertThat(json("{'a':" + "[".repeat(98) + "]".repeat(98) + "}").has("a")).isTrue();
    assertThatThrownBy(() -> json("{'a':" + "[".repeat(200_000))).isInstanceOf(MoaException.class);
    assertThatThrownBy(() -> json("{'a':".repeat(200_000))).isInstanceOf(MoaException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1.5 | an integer of 0 to 2147483647",
        "-1 | an integer of 0 to 2147483647",
        "2147483648 | an integer of 0 to 2147483647",
        "100.0 | an integer of 0 to 2147483647",
        "'5' | an integer of 0 to 2147483647",
        "true | an integer of 0 to 2147483647",
        "[] | an integer of 0 to 2147483647",
      })
  void saysWhatAnIntegerShouldBe(String value, String expected) {
    JsonObject json = json("{'o':{'k':" + value + "}}").object("o");
    assertThatThrownBy(() -> json.integer("k", 0))
        .hasMessage(
            "some.json: o.k is " + value.replace('\'', '"') + ", but must be " + expected + ".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "1e400", "'1'"})
  void letsNoNumberBeInfinite(String value) {
    JsonObject json = json("{'unused':" + value + ",'k':" + value + "}");
    assertThatThrownBy(() -> json.number("k")).hasMessageContaining("must be a number");
    assertThatThrownBy(() -> json.positiveNumber("k")).hasMessageContaining("positive number");
  }

  @Test
  void namesTheElementOfAListThatIsWrong() {
    assertThatThrownBy(() -> json("{'s':['a',null]}").texts("s"))
        .hasMessage("some.json: s[1] is null, but must be a string.");
    assertThatThrownBy(() -> json("{'s':[{},{'k':'x'}]}").objects("s").get(1).integer("k", 0))
        .hasMessageContaining("s[1].k is \"x\"");
    assertThatThrownBy(() -> json("{'s':'a'}").texts("s")).hasMessageContaining("must be a list");
    assertThatThrownBy(() -> json("{}").text("missing"))
        .hasMessage("some.json: missing is missing; it must be a string.");
  }

  @Test
  void quotesAtMostTwoHundredCharacters() {
    String much = "x".repeat(100_000);
    for (String text :
        List.of(
            much, "'" + much + "'", "{'" + much + "':1,'" + much + "':2}", "{'k':" + much + "}")) {
      assertThatThrownBy(() -> json(text))
          .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(400));
    }
    assertThatThrownBy(() -> json("{'" + much + "':'" + much + "'}").integer(much, 0))
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(600));
  }

  @Test
  void readsManyKeysOfOneHash() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < 1 << 12; i++) {
      for (int bit = 0; bit < 12; bit++) {
        text.append(bit == 0 ? "'" : "").append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      text.append("':0,");
    }
    assertThat(json(text + "'end':0}").keys()).hasSize((1 << 12) + 1);
  }

  @Test
  void anObjectThatIsMissingHasNoKeys() {
    assertThat(json("{'a':null}").objectOrEmpty("a").keys()).isEmpty();
    assertThatThrownBy(() -> json("{}").objectOrEmpty("a").text("b"))
        .hasMessageContaining("a.b is missing");
    assertThatThrownBy(() -> json("{'a':1}").objectOrEmpty("a")).hasMessageContaining("an object");
  }

  @Test
  void readsNoFolderNoPipeNoOtherEncodingAndNothingOversized() throws IOException {
    assertThatThrownBy(() -> JsonObject.read(folder, MoaException::new))
        .hasMessageContaining("is a folder");
    assertThatThrownBy(() -> JsonObject.read(folder.resolve("none"), MoaException::new))
        .hasMessageContaining("There is no file");
    Path file = folder.resolve("file");
    Files.write(file, "{\"a\":1}".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> JsonObject.read(file, MoaException::new))
        .hasMessageContaining("not UTF-8");
    Files.write(file, new byte[1001]);
    assertThatThrownBy(() -> TextFile.read(file, 1000, MoaException::new))
        .hasMessageContainingAll("1001 bytes", "1000 are possible");
    assertThat(TextFile.read(file, 1001, MoaException::new)).hasSize(1001);
  }

  @Test
  void writesWhatItReads() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "ä\u0000\n\"\\ 😀 \ud800 end");
    object.put("null", null);
    object.put("list", Arrays.asList(1, 2.5, null, Map.of("deep", true), Long.MAX_VALUE));
    object.put("nan", Double.NaN);
    byte[] pretty = Json.pretty(object);
    assertThat(new String(pretty, StandardCharsets.UTF_8)).doesNotContain("\r").contains("\\ud800");
    object.put("nan", "NaN");
    assertThat(json(new String(pretty, StandardCharsets.UTF_8)).values()).isEqualTo(object);
    assertThat(json(Json.compact(object)).values()).isEqualTo(object);
  }

  /** A record for a test. */
  record Step(int step, List<Double> losses) {}

  @Test
  void readsAndWritesRecords() {
    Step step = new Step(3, List.of(0.5, 0.25));
    assertThat(json(Json.compact(step)).as(Step.class)).isEqualTo(step);
    for (String wrong : List.of("{'step':1}", "{'step':null,'losses':[]}", "{'step':'x'}")) {
      assertThatThrownBy(() -> json(wrong).as(Step.class)).isInstanceOf(MoaException.class);
    }
  }

  @Test
  void aFileInThePlaceOfItsFolderIsNamed() throws IOException {
    Path manifest = Files.writeString(folder.resolve("moa.json"), "{}");
    assertThatThrownBy(() -> TextFile.read(manifest.resolve("moa.json"), 1000, MoaException::new))
        .hasMessage(manifest + " is a file, expected the folder that holds moa.json.");
  }
}
