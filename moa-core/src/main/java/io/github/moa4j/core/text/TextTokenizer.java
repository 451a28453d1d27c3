package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokenizer of a Hugging Face model directory: text to token ids and back.
 *
 * <p>Special tokens spelled in the text become their ids, because that is how a rendered {@link
 * ChatTemplate} opens and closes its turns; the Python libraries do the same. So it is not for text
 * that users send: {@link PromptEncoder} keeps apart what the template and what the user wrote.
 *
 * <p>Nothing is added to a text (the template has written what the model wants to see), cut off or
 * padded. Text is decoded as it was encoded, without {@code clean_up_tokenization_spaces}, which
 * would remove spaces before punctuation.
 *
 * <p>Holds native memory: close it. Thread-safe; closing waits for calls under way. Opening makes
 * no network call.
 */
public final class TextTokenizer implements AutoCloseable {

  private static final int LARGEST = 1 << 28;
  private static final String EOS = "eos_token_id";

  private final Path file;
  private final int hash; // of the file's text
  private final SpecialTokens special;

  /** More than texts have on the average, so that one piece tells of most that are too long. */
  private static final long CHARACTERS_PER_TOKEN = 8;

  private final NativeTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final Set<Integer> endTokens;
  private final Map<List<AddedToken>, GuardedTokenizer> guarded = new HashMap<>();
  private TokenBytes tokenBytes; // guarded by guarded; null until they are needed

  private TextTokenizer(
      Path file,
      int hash,
      SpecialTokens special,
      NativeTokenizer tokenizer,
      Vocabulary vocabulary,
      Set<Integer> endTokens) {
    this.file = file;
    this.hash = hash;
    this.special = special;
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.endTokens = endTokens;
  }

  /**
   * Opens the tokenizer of a model directory: {@code tokenizer.json}, and for {@link #endTokens()}
   * {@code generation_config.json}, {@code config.json} and {@code tokenizer_config.json}.
   *
   * @throws MoaException if {@code tokenizer.json} is missing or a file is malformed
   */
  public static TextTokenizer open(Path modelDirectory) {
    Path file = modelDirectory.resolve("tokenizer.json");
    if (!Files.exists(file)) {
      throw new MoaException(missing(modelDirectory, file));
    }
    String text = TextFile.read(file, LARGEST, MoaException::new);
    SpecialTokens special = SpecialTokens.read(modelDirectory);
    JsonObject json = special.addedTo(JsonObject.parse(text, file, MoaException::new));
    Vocabulary vocabulary = new Vocabulary(json);
    Set<Integer> endTokens = new LinkedHashSet<>();
    special
        .get("eos_token")
        .ifPresent(token -> vocabulary.id(json, token).ifPresent(endTokens::add));
    endTokens.addAll(configuredEndTokens(modelDirectory));
    return new TextTokenizer(
        file,
        text.hashCode(),
        special,
        new NativeTokenizer(file, Json.compact(TokenizerFile.checked(json))),
        vocabulary,
        Collections.unmodifiableSet(endTokens));
  }

  private static String missing(Path directory, Path file) {
    if (!Files.isDirectory(directory)) {
      return directory
          + ": "
          + Failure.noFolder(directory)
          + "; expected a Hugging Face model directory";
    }
    if (Files.exists(directory.resolve("tokenizer.model"))) {
      return file
          + ": is missing; the directory holds only the SentencePiece file tokenizer.model. Save it"
          + " once as tokenizer.json with Python: AutoTokenizer.from_pretrained(directory,"
          + " use_fast=True).save_pretrained(directory)";
    }
    return file + ": is missing; copy it from the model's repository beside config.json";
  }

  private static List<Integer> configuredEndTokens(Path directory) {
    List<Integer> ids = new ArrayList<>();
    for (String name : List.of("generation_config.json", "config.json")) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        ids.addAll(eosTokens(JsonObject.read(file, MoaException::new)));
      }
    }
    return ids;
  }

  private static List<Integer> eosTokens(JsonObject config) {
    if (config.any(EOS) == null || config.any(EOS) instanceof List) {
      return config.integers(EOS, 0);
    }
    if (!(config.any(EOS) instanceof Integer)) {
      throw config.wrong(EOS, "a token id or a list of token ids");
    }
    return List.of(config.integer(EOS, 0));
  }

  /**
   * The token ids of a text. Special tokens in the text are recognised, none is added. Half a
   * surrogate pair, which no text encoding can hold, is read as U+FFFD.
   *
   * @throws MoaException if the text is longer than 4,000,000 characters, or the tokenizer has no
   *     token for a character of it
   */
  public int[] encode(String text) {
    return tokenizer.encode(text);
  }

  /**
   * Tells whether a text surely has more than so many tokens. Of a text that is far longer only a
   * beginning is tokenised, so that the time depends on the limit and not on the text: to be asked
   * before a text from outside is encoded whole.
   *
   * @return false also of a text that has a few tokens more than {@code most}
   */
  public boolean isFarLonger(String text, int most) {
    // Where a text is cut, the tokens of its last word may be others than in the whole.
    int tooMany = Math.addExact(most, most / 8 + 64);
    for (long length = CHARACTERS_PER_TOKEN * tooMany; length < text.length(); length *= 2) {
      if (encode(text.substring(0, (int) length)).length > tooMany) {
        return true;
      }
    }
    return false;
  }

  /**
   * A tokenizer in which no text spells a control token, made when it is first needed, as most
   * conversations need none. It is closed with this one.
   */
  GuardedTokenizer guarded(List<AddedToken> control) {
    synchronized (guarded) {
      tokenizer.checkOpen();
      return guarded.computeIfAbsent(control, this::newGuarded);
    }
  }

  /**
   * Returns the bytes of all tokens, read from the file when they are first needed.
   *
   * @throws MoaException if the file has changed, or its decoder is of another kind than those of
   *     byte-level and SentencePiece tokenizers
   */
  public TokenBytes tokenBytes() {
    synchronized (guarded) {
      if (tokenBytes == null) {
        tokenBytes = TokenBytes.of(readAgain(), vocabulary);
      }
      return tokenBytes;
    }
  }

  private GuardedTokenizer newGuarded(List<AddedToken> control) {
    return new GuardedTokenizer(file, TokenizerFile.checked(readAgain()), control);
  }

  private JsonObject readAgain() {
    String text = TextFile.read(file, LARGEST, MoaException::new);
    if (text.hashCode() != hash) {
      throw new MoaException(
          file + ": has changed since it was opened; open the model again to use the new file");
    }
    return special.addedTo(JsonObject.parse(text, file, MoaException::new));
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
   * The ids that end an answer as the model's files name them: the {@code eos_token} of {@code
   * tokenizer_config.json}, then {@code eos_token_id} of {@code generation_config.json} and of
   * {@code config.json}. Each file may know one that the others do not. Empty if none of them names
   * one. What a chat template closes a turn with is known to {@link PromptEncoder#endTokens()}.
   */
  public Set<Integer> endTokens() {
    return endTokens;
  }

  /** The highest token id plus one; a model's embedding may have more rows than this. */
  public int vocabSize() {
    return vocabulary.size();
  }

  Path file() {
    return file;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /** A new detokenizer for one answer. */
  public IncrementalDetokenizer detokenizer() {
    return new IncrementalDetokenizer(tokenizer, vocabulary);
  }

  @Override
  public void close() {
    tokenizer.close();
    synchronized (guarded) {
      guarded.values().forEach(GuardedTokenizer::close);
    }
  }
}
