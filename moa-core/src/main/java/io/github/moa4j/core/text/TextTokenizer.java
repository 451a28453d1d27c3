package io.github.moa4j.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.moa4j.core.MoaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokenizer of a Hugging Face model directory: text to token ids and back.
 *
 * <p>Special tokens spelled in the text, such as {@code <|im_start|>}, become their ids, because
 * that is how a rendered {@link ChatTemplate} opens and closes its turns; the Python libraries do
 * the same. So a user's words that spell a special token become that token too. An application that
 * cannot have this removes such strings from what its users send.
 *
 * <p>Nothing is added to a text (the template has written what the model wants to see), cut off or
 * padded. Text is decoded as it was encoded, without {@code clean_up_tokenization_spaces}, which
 * would remove spaces before punctuation.
 *
 * <p>Holds native memory: close it. Thread-safe; closing waits for calls under way. Opening makes
 * no network call.
 */
public final class TextTokenizer implements AutoCloseable {

  private final NativeTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final Set<Integer> endTokens;

  private TextTokenizer(NativeTokenizer tokenizer, Vocabulary vocabulary, Set<Integer> endTokens) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.endTokens = endTokens;
  }

  /**
   * Opens the tokenizer of a model directory: {@code tokenizer.json}, and for {@link #endTokens()}
   * {@code generation_config.json}, {@code config.json} or {@code tokenizer_config.json}.
   *
   * @throws MoaException if {@code tokenizer.json} is missing or a file is malformed
   */
  public static TextTokenizer open(Path modelDirectory) {
    Path file = modelDirectory.resolve("tokenizer.json");
    if (!Files.exists(file)) {
      throw new MoaException(missing(modelDirectory, file));
    }
    String text = JsonFile.text(file);
    JsonNode tokenizer = JsonFile.parse(file, text);
    Vocabulary vocabulary = new Vocabulary(file, tokenizer);
    Set<Integer> endTokens = endTokens(modelDirectory, tokenizer);
    return new TextTokenizer(new NativeTokenizer(file, text), vocabulary, endTokens);
  }

  private static String missing(Path directory, Path file) {
    if (!Files.isDirectory(directory)) {
      return directory + ": is not a directory; expected a Hugging Face model directory";
    }
    if (Files.exists(directory.resolve("tokenizer.model"))) {
      return file
          + ": is missing; the directory holds only the SentencePiece file tokenizer.model. Save it"
          + " once as tokenizer.json with Python: AutoTokenizer.from_pretrained(directory,"
          + " use_fast=True).save_pretrained(directory)";
    }
    return file + ": is missing; copy it from the model's repository beside config.json";
  }

  private static Set<Integer> endTokens(Path directory, JsonNode tokenizer) {
    for (String name : new String[] {"generation_config.json", "config.json"}) {
      Path file = directory.resolve(name);
      JsonNode eos =
          JsonFile.readIfPresent(file).map(node -> node.path("eos_token_id")).orElse(null);
      if (eos != null && !eos.isMissingNode() && !eos.isNull()) {
        return ids(file, eos);
      }
    }
    Optional<String> eos =
        SpecialTokens.read(directory.resolve("tokenizer_config.json")).get("eos_token");
    OptionalInt id = eos.map(token -> Vocabulary.id(tokenizer, token)).orElse(OptionalInt.empty());
    return id.isPresent() ? Set.of(id.getAsInt()) : Set.of();
  }

  private static Set<Integer> ids(Path file, JsonNode eos) {
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode id : eos.isArray() ? eos : Set.of(eos)) {
      if (!id.canConvertToInt() || id.intValue() < 0) {
        throw new MoaException(
            file + ": eos_token_id must be a token id or a list of token ids, found " + eos);
      }
      ids.add(id.intValue());
    }
    return Collections.unmodifiableSet(ids);
  }

  /**
   * The token ids of a text. Special tokens in the text are recognised, none is added. Half a
   * surrogate pair, which no text encoding can hold, is read as U+FFFD.
   */
  public int[] encode(String text) {
    return tokenizer.encode(wellFormed(text));
  }

  private static String wellFormed(String text) {
    boolean broken = text.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF);
    if (!broken) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString();
  }

  /** The text of token ids, without the special tokens and without ids no token has. */
  public String decode(int[] ids) {
    return decode(ids, false);
  }

  /** The text of token ids, with or without the special tokens; ids no token has give no text. */
  public String decode(int[] ids, boolean keepSpecialTokens) {
    long[] tokens = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = checked(ids[i]);
    }
    return tokenizer.decode(tokens, !keepSpecialTokens);
  }

  static int checked(int id) {
    if (id < 0) {
      throw new IllegalArgumentException("A token id must not be negative, found " + id);
    }
    return id;
  }

  /**
   * The ids that end an answer: {@code eos_token_id} of {@code generation_config.json}, else of
   * {@code config.json}, else the {@code eos_token} of {@code tokenizer_config.json}. Empty if none
   * of them names one; an answer then ends by the caller's other limits alone.
   */
  public Set<Integer> endTokens() {
    return endTokens;
  }

  /** The highest token id plus one; a model's embedding may have more rows than this. */
  public int vocabSize() {
    return vocabulary.size();
  }

  /** A new detokenizer for one answer. */
  public IncrementalDetokenizer detokenizer() {
    return new IncrementalDetokenizer(tokenizer, vocabulary);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
