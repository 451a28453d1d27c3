package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The bytes that each token adds to a text, in UTF-8: a token may be a part of a character. Ordered
 * by their bytes, so that tokens that begin alike stand together. Immutable and thread-safe.
 */
public final class TokenBytes {

  private static final byte[] NONE = {};

  private final byte[][] byId;
  private final int[] ids; // in the order of their bytes
  private final int[] common; // bytes that a token shares with the one before
  private final BitSet single = new BitSet();
  private final int longest;
  private final boolean losesFirstSpace;

  private TokenBytes(byte[][] byId, boolean losesFirstSpace) {
    this.byId = byId;
    this.losesFirstSpace = losesFirstSpace;
    this.ids =
        IntStream.range(0, byId.length)
            .filter(id -> byId[id].length > 0)
            .boxed()
            .sorted((a, b) -> Arrays.compareUnsigned(byId[a], byId[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.common = new int[ids.length];
    int most = 0;
    for (int i = 0; i < ids.length; i++) {
      byte[] bytes = byId[ids[i]];
      most = Math.max(most, bytes.length);
      int mismatch = i == 0 ? 0 : Arrays.mismatch(byId[ids[i - 1]], bytes);
      common[i] = mismatch < 0 ? bytes.length : mismatch;
      if (bytes.length == 1) {
        single.set(bytes[0] & 0xFF);
      }
    }
    this.longest = most;
  }

  /**
   * Reads them from a {@code tokenizer.json}.
   *
   * @throws MoaException if its decoder is none of those that join byte-level or SentencePiece's
   *     pieces
   */
  static TokenBytes of(JsonObject tokenizer, Vocabulary vocabulary) {
    JsonObject decoder = tokenizer.has("decoder") ? tokenizer.object("decoder") : null;
    String description = decoder == null ? "none" : decoder.values().toString();
    boolean byteLevel = description.contains("ByteLevel");
    boolean spaces = description.contains("\u2581") || description.contains("Metaspace");
    if (!byteLevel && !spaces) {
      throw new MoaException(
          tokenizer.file()
              + ": its decoder is neither byte-level nor SentencePiece's, so it is not known which"
              + " bytes a token stands for: with this model answers cannot be held to a"
              + " constraint, nor told with log probabilities");
    }
    byte[][] bytes = new byte[vocabulary.size()][];
    Arrays.fill(bytes, NONE);
    Map<Character, Byte> table = byteLevel ? byteLevelTable() : Map.of();
    Object pieces = tokenizer.object("model").any("vocab");
    if (pieces instanceof Map<?, ?> map) {
      map.forEach((piece, id) -> bytes[(Integer) id] = bytes((String) piece, table, byteLevel));
    } else if (pieces instanceof List<?> list) {
      for (int id = 0; id < list.size(); id++) {
        bytes[id] = bytes((String) ((List<?>) list.get(id)).get(0), table, byteLevel);
      }
    }
    for (AddedToken token : vocabulary.added()) {
      bytes[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
    }
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = vocabulary.hasText(id) ? bytes[id] : NONE;
    }
    boolean strips =
        !byteLevel
            && (description.contains("Strip")
                || (description.contains("Metaspace")
                    && !description.contains("prepend_scheme=never")));
    return new TokenBytes(bytes, strips);
  }

  private static byte[] bytes(String piece, Map<Character, Byte> table, boolean byteLevel) {
    if (!byteLevel) {
      return piece.matches("<0x[0-9A-Fa-f]{2}>")
          ? new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)}
          : piece.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
    }
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      Byte b = table.get(piece.charAt(i));
      if (b == null) {
        return NONE;
      }
      bytes[i] = b;
    }
    return bytes;
  }

  /** GPT-2's: a byte that is no visible Latin-1 character stands as one from U+0100 on. */
  private static Map<Character, Byte> byteLevelTable() {
    Map<Character, Byte> table = new HashMap<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean visible = (b > 0x20 && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      table.put((char) (visible ? b : next++), (byte) b);
    }
    return table;
  }

  /** Returns the bytes of a token; none for an id without text. Not to be changed. */
  public byte[] of(int id) {
    return id < byId.length ? byId[id] : NONE;
  }

  /** Returns how many tokens have text. */
  public int size() {
    return ids.length;
  }

  /** Returns the id of the token at a place in the order of the bytes. */
  public int id(int place) {
    return ids[place];
  }

  /** Returns the bytes of the token at a place in that order. Not to be changed. */
  public byte[] sorted(int place) {
    return byId[ids[place]];
  }

  /** Returns how many bytes a token shares with the one before in that order. */
  public int common(int place) {
    return common[place];
  }

  /** Returns whether a token loses its first byte, a space, where it begins a text. */
  public boolean losesStart(int place) {
    return losesFirstSpace && byId[ids[place]][0] == ' ';
  }

  /** Returns the bytes that are tokens of their own. */
  public BitSet single() {
    return (BitSet) single.clone();
  }

  /** Returns the most bytes of a token. */
  public int longest() {
    return longest;
  }
}
