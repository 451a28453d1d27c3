package io.github.moa4j.core.text;

import static java.util.Map.entry;

import io.github.moa4j.core.files.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The normalizers, pre-tokenizers and decoders of a {@code tokenizer.json}: every type there is,
 * its fields and what they may hold. The native library ends the process where a field holds what
 * it does not expect, so nothing else reaches it.
 */
final class TokenizerParts {

  /** What a field may hold. */
  enum Kind {
    FLAG,
    TEXT,
    FULL_TEXT,
    CHARACTER,
    COUNT,
    ZERO,
    PATTERN,
    BEHAVIOR,
    SCHEME,
    CHARACTER_MAP,
    PARTS
  }

  /** Fields of these kinds must be there: the native library does not look whether one is. */
  private static final Set<Kind> REQUIRED =
      Set.of(Kind.FULL_TEXT, Kind.CHARACTER, Kind.PATTERN, Kind.CHARACTER_MAP, Kind.PARTS);

  private static final Set<String> BEHAVIORS =
      Set.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
  private static final Set<String> SCHEMES = Set.of("first", "never", "always");
  private static final int MOST_STRIPPED = 1000;

  private static final Map<String, Kind> NONE = Map.of();
  private static final Map<String, Kind> BYTE_LEVEL =
      Map.of("add_prefix_space", Kind.FLAG, "trim_offsets", Kind.FLAG, "use_regex", Kind.FLAG);
  private static final Map<String, Kind> METASPACE =
      Map.of(
          "replacement", Kind.CHARACTER,
          "add_prefix_space", Kind.FLAG,
          "prepend_scheme", Kind.SCHEME,
          "split", Kind.FLAG);
  private static final Map<String, Kind> REPLACE =
      Map.of("pattern", Kind.PATTERN, "content", Kind.TEXT);

  static final Map<String, Map<String, Kind>> NORMALIZERS =
      Map.ofEntries(
          entry("Sequence", Map.of("normalizers", Kind.PARTS)),
          entry(
              "BertNormalizer",
              Map.of(
                  "clean_text", Kind.FLAG,
                  "handle_chinese_chars", Kind.FLAG,
                  "strip_accents", Kind.FLAG,
                  "lowercase", Kind.FLAG)),
          entry("ByteLevel", NONE),
          entry("Lowercase", NONE),
          entry("NFC", NONE),
          entry("NFD", NONE),
          entry("NFKC", NONE),
          entry("NFKD", NONE),
          entry("Nmt", NONE),
          entry("Precompiled", Map.of("precompiled_charsmap", Kind.CHARACTER_MAP)),
          entry("Prepend", Map.of("prepend", Kind.FULL_TEXT)),
          entry("Replace", REPLACE),
          entry("Strip", Map.of("strip_left", Kind.FLAG, "strip_right", Kind.FLAG)),
          entry("StripAccents", NONE));

  static final Map<String, Map<String, Kind>> PRE_TOKENIZERS =
      Map.ofEntries(
          entry("Sequence", Map.of("pretokenizers", Kind.PARTS)),
          entry("BertPreTokenizer", NONE),
          entry("ByteLevel", BYTE_LEVEL),
          entry("CharDelimiterSplit", Map.of("delimiter", Kind.CHARACTER)),
          entry("Digits", Map.of("individual_digits", Kind.FLAG)),
          entry("Metaspace", METASPACE),
          entry("Punctuation", Map.of("behavior", Kind.BEHAVIOR)),
          entry(
              "Split",
              Map.of("pattern", Kind.PATTERN, "behavior", Kind.BEHAVIOR, "invert", Kind.FLAG)),
          entry("UnicodeScripts", NONE),
          entry("Whitespace", NONE),
          entry("WhitespaceSplit", NONE));

  static final Map<String, Map<String, Kind>> DECODERS =
      Map.ofEntries(
          entry("Sequence", Map.of("decoders", Kind.PARTS)),
          entry("BPEDecoder", Map.of("suffix", Kind.TEXT)),
          entry("ByteFallback", NONE),
          entry("ByteLevel", BYTE_LEVEL),
          entry(
              "CTC",
              Map.of(
                  "pad_token", Kind.TEXT, "word_delimiter_token", Kind.TEXT, "cleanup", Kind.FLAG)),
          entry("Fuse", NONE),
          entry("Metaspace", METASPACE),
          entry("Replace", REPLACE),
          entry("Strip", Map.of("content", Kind.CHARACTER, "start", Kind.COUNT, "stop", Kind.ZERO)),
          entry("WordPiece", Map.of("prefix", Kind.TEXT, "cleanup", Kind.FLAG)));

  private final Map<String, Map<String, Kind>> types;

  /** Creates a reader of one of the three kinds of parts. */
  TokenizerParts(Map<String, Map<String, Kind>> types) {
    this.types = types;
  }

  /** The part with its known fields alone, checked. */
  Map<String, Object> checked(JsonObject part) {
    String type = part.text("type");
    Map<String, Kind> fields = types.get(type);
    if (fields == null) {
      throw part.wrong("type", "one of " + types.keySet().stream().sorted().toList());
    }
    Map<String, Object> checked = new LinkedHashMap<>();
    checked.put("type", type);
    fields.forEach(
        (name, kind) -> {
          if (part.has(name) || REQUIRED.contains(kind)) {
            checked.put(name, value(part, name, kind));
          } else if (part.keys().contains(name)) {
            checked.put(name, null);
          }
        });
    return checked;
  }

  private Object value(JsonObject part, String name, Kind kind) {
    return switch (kind) {
      case FLAG -> part.bool(name);
      case TEXT -> WellFormed.text(part, name);
      case FULL_TEXT -> fullText(part, name);
      case CHARACTER -> character(part, name);
      case COUNT -> count(part, name, MOST_STRIPPED);
      case ZERO -> count(part, name, 0);
      case PATTERN -> pattern(part.object(name), part.text("type").equals("Replace"));
      case BEHAVIOR -> oneOf(part, name, BEHAVIORS);
      case SCHEME -> oneOf(part, name, SCHEMES);
      case CHARACTER_MAP -> CharacterMap.checked(part, name);
      case PARTS -> parts(part, name);
    };
  }

  private List<Object> parts(JsonObject part, String name) {
    List<Object> parts = new ArrayList<>();
    part.objects(name).forEach(inner -> parts.add(checked(inner)));
    return parts;
  }

  private static String fullText(JsonObject part, String name) {
    String text = WellFormed.text(part, name);
    if (text.isEmpty()) {
      throw part.wrong(name, "a text that is not empty");
    }
    return text;
  }

  private static String character(JsonObject part, String name) {
    String text = WellFormed.text(part, name);
    if (text.codePointCount(0, text.length()) != 1) {
      throw part.wrong(name, "a single character");
    }
    return text;
  }

  /**
   * How many characters a decoder cuts off. The native library ends the process where it is to cut
   * more at the end of a piece than the piece has, and any piece may be empty.
   */
  private static int count(JsonObject part, String name, int most) {
    int count = part.integer(name, 0);
    if (count > most) {
      throw part.wrong(name, most == 0 ? "0" : "a number of characters up to " + most);
    }
    return count;
  }

  private static String oneOf(JsonObject part, String name, Set<String> names) {
    String text = part.text(name);
    if (!names.contains(text)) {
      throw part.wrong(name, "one of " + names.stream().sorted().toList());
    }
    return text;
  }

  /** The native library ends the process where nothing is replaced by something. */
  private static Map<String, Object> pattern(JsonObject pattern, boolean replaced) {
    return pattern.has("Regex")
        ? Map.of("Regex", SafePattern.checked(pattern, "Regex", replaced))
        : Map.of("String", fullText(pattern, "String"));
  }
}
