package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library ends the process where a file is not as it expects; none gets that far. */
class HostileTokenizerTest {

  private static final int FILES = 160;
  private static final Pattern VALUE =
      Pattern.compile(": (\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9.]+|true|false|null)");
  private static final List<String> ODD_VALUES =
      List.of(
          "1e400",
          "-1",
          "99999999999999999999",
          "\"\\ud800\"",
          "\"\"",
          "\"x\"",
          "null",
          "[]",
          "{}",
          "true",
          "0",
          "[".repeat(200) + "]".repeat(200),
          "\"longer than every piece\"",
          "\"##\"",
          "{\"type\": \"Fuse\"}",
          "{\"String\": \"\"}",
          "{\"Regex\": \"(a+)+b\"}",
          "\"Strip\"",
          "\"FixedLength\"",
          "\"Precompiled\"",
          "{\"Regex\": \"\"}",
          "\"▁▁\"",
          "NaN");

  @TempDir Path directory;

  @Test
  void noDamagedFileEndsTheProcess() throws Exception {
    String tokenizer = smallTokenizer();
    Random random = new Random(7);
    for (int i = 0; i < FILES; i++) {
      Path folder = Files.createDirectory(directory.resolve(String.valueOf(i)));
      Files.writeString(folder.resolve("tokenizer.json"), damaged(tokenizer, random));
    }
    Path output = directory.resolve("output");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TokenizerOpener.class.getName(),
                directory.toString(),
                String.valueOf(FILES))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
    String printed = Files.readString(output);
    assertThat(child.exitValue()).as(printed).isZero();
    assertThat(printed.lines().filter("refused"::equals).count())
        .as("files that are refused")
        .isBetween(FILES / 4L, FILES - 1L);
  }

  /** A vocabulary's values would be nearly all that is ever hit. */
  private static String smallTokenizer() throws IOException {
    return Files.readString(TestTokenizers.byteFallback().resolve("tokenizer.json"))
        .replaceFirst(
            "(?s)\"vocab\": \\{.*?\\}", "\"vocab\": {\"<unk>\": 0, \"a\": 1, \"b\": 2, \"ab\": 3}")
        .replaceFirst("(?s)\"merges\": \\[.*\\]", "\"merges\": [[\"a\", \"b\"]]");
  }

  private static String damaged(String json, Random random) {
    List<int[]> places =
        VALUE.matcher(json).results().map(m -> new int[] {m.start(1), m.end(1)}).toList();
    int[] place = places.get(random.nextInt(places.size()));
    String odd = ODD_VALUES.get(random.nextInt(ODD_VALUES.size()));
    return json.substring(0, place[0]) + odd + json.substring(place[1]);
  }

  @Test
  void refusesWhatTheNativeLibraryWouldNotSurvive() throws IOException {
    String json = smallTokenizer();
    refuses(
        json.replace(
            "\"continuing_subword_prefix\": null", "\"continuing_subword_prefix\": \"longer\""),
        "the merge");
    refuses(decoder(json, "{\"type\": \"Strip\", \"content\": \" \", \"start\": 1e400}"), "start");
    refuses(
        decoder(json, "{\"type\": \"Strip\", \"content\": \" \", \"start\": 0, \"stop\": 1}"),
        "stop");
    refuses(decoder(json, "{\"type\": \"BPEDecoder\", \"suffix\": \"\\ud800\"}"), "suffix");
    refuses(decoder(json, "[".repeat(150) + "]".repeat(150)), "nesting");
    refuses(normalizer(json, "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}}"), "String");
    refuses(
        normalizer(json, "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}"),
        "SentencePiece");
    refuses(normalizer(json, "{\"type\": \"Precompiled\"}"), "precompiled_charsmap is missing");
    refuses(normalizer(json, "{\"type\": \"FixedLength\", \"length\": 0}"), "type");
    for (String pattern :
        List.of(
            "(a+)+",
            "(a|aa)*b",
            "(?:\\\\s*)*x",
            "\\\\s*\\\\s*x",
            "(a)\\\\1",
            "(?=a)",
            "a*",
            "a|\\\\b",
            "(a?)",
            "a{2000}",
            "a++b*+c+d",
            "(")) {
      refuses(
          normalizer(
              json,
              "{\"type\": \"Replace\", \"content\": \"\", \"pattern\": {\"Regex\": \""
                  + pattern
                  + "\"}}"),
          "Regex");
    }
  }

  private void refuses(String json, String fault) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json);
    assertThatThrownBy(() -> TextTokenizer.open(directory).close())
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("tokenizer.json", fault);
  }

  private static String decoder(String json, String decoder) {
    return replaced(
        json, "(?s)\"decoder\": .*?, \"model\"", "\"decoder\": " + decoder + ", \"model\"");
  }

  private static String normalizer(String json, String normalizer) {
    return replaced(
        json,
        "(?s)\"normalizer\": .*?, \"pre_tokenizer\"",
        "\"normalizer\": " + normalizer + ", \"pre_tokenizer\"");
  }

  private static String replaced(String json, String part, String by) {
    String replaced = json.replaceFirst(part, Matcher.quoteReplacement(by));
    assertThat(replaced).isNotEqualTo(json);
    return replaced;
  }

  /** Patterns of published tokenizers, and the parts they are made of. */
  @Test
  void takesThePatternsOfPublishedTokenizers() throws IOException {
    for (String pattern :
        List.of(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}|"
                + " ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
            "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?[\\\\p{Lu}\\\\p{Lt}\\\\p{M}]*[\\\\p{Ll}\\\\p{M}]+(?i:'s|'t)?|\\\\p{N}",
            "[!\\\"#$%&'()*+,\\\\-./:;<=>?@\\\\[\\\\\\\\\\\\]^_`{|}~][A-Za-z]+| ?[\\\\p{P}\\\\p{S}]+[\\\\r\\\\n]*",
            " ?[^(\\\\s|[.,!?…。，、।۔،])]+",
            "(?<=x)y|(?:ab)+|[一-龥぀-ゟ゠-ヿ]+| {2,}")) {
      Files.writeString(
          directory.resolve("tokenizer.json"),
          normalizer(
              smallTokenizer(),
              "{\"type\": \"Replace\", \"content\": \"\", \"pattern\": {\"Regex\": \""
                  + pattern
                  + "\"}}"));
      TextTokenizer.open(directory).close();
    }
  }

  /** Eleven million spaces end the process in the regular expressions of real tokenizers. */
  @Test
  void refusesTextOfAnyLengthThatNoModelTakes() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      String spaces = " ".repeat(11_000_000);
      assertThatThrownBy(() -> tokenizer.encode(spaces))
          .isInstanceOf(MoaException.class)
          .hasMessageContainingAll("11000000", "4000000");
    }
  }
}
