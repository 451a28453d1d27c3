package io.github.moa4j.core.text;

import io.github.moa4j.core.files.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's table of characters and what they are normalised to: a double array of 32-bit
 * units that maps UTF-8 bytes to places in a text, and that text. Every way through it is walked
 * once, since the native library does not look where a unit points to.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/normalizer.h">The
 *     format</a>
 */
final class CharacterMap {

  private static final int BLOCK = 0xFF;

  private final int[] units;
  private final byte[] text;
  private final BitSet seen = new BitSet();
  private final Deque<Integer> open = new ArrayDeque<>();

  private CharacterMap(int[] units, byte[] text) {
    this.units = units;
    this.text = text;
  }

  /** The table of a field, refused if a way through it leads out of it. */
  static String checked(JsonObject json, String key) {
    String base64 = json.text(key);
    if (!isTable(base64)) {
      throw json.wrong(key, "a table of characters as SentencePiece writes it");
    }
    return base64;
  }

  private static boolean isTable(String base64) {
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
      int size = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
      if (size <= 0 || size % Integer.BYTES != 0 || size > bytes.remaining()) {
        return false;
      }
      int[] units = new int[size / Integer.BYTES];
      for (int i = 0; i < units.length; i++) {
        units[i] = bytes.getInt();
      }
      byte[] text = Arrays.copyOfRange(bytes.array(), bytes.position(), bytes.limit());
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return new CharacterMap(units, text).staysInside();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return false;
    }
  }

  private boolean staysInside() {
    if (!reach(offset(units[0]))) {
      return false;
    }
    while (!open.isEmpty()) {
      int place = open.remove();
      for (int c = 1; c <= BLOCK; c++) {
        int unit = units[place ^ c];
        boolean taken = (unit & (1 << 31 | BLOCK)) == c;
        if (taken && !(reach((place ^ c) ^ offset(unit)) && valueIsInside(place ^ c, unit))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Any byte may come next, so the whole block of units must be there. */
  private boolean reach(int place) {
    if (place < 0 || (place | BLOCK) >= units.length) {
      return false;
    }
    if (!seen.get(place)) {
      seen.set(place);
      open.add(place);
    }
    return true;
  }

  private boolean valueIsInside(int from, int unit) {
    boolean leaf = (unit >> 8 & 1) == 1;
    int value = units[from ^ offset(unit)] & Integer.MAX_VALUE;
    return !leaf || value == text.length || (value < text.length && (text[value] & 0xC0) != 0x80);
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & 1 << 9) >> 6);
  }
}
