package io.github.moa4j.core.checkpoint;

import static io.github.moa4j.core.checkpoint.SafetensorsHeader.METADATA;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.SafetensorsHeader.Entry;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of a safetensors header as a stream, so that a header of any content takes little
 * more memory than the tensors it describes.
 */
final class SafetensorsHeaderReader {

  private static final int MAX_ENTRIES = 1_000_000; // the largest models have a tenth of that
  private static final int MAX_DIMENSIONS = 64; // the engine's own limit

  /** Names are not canonicalised, since that fails on many names of one hash. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final Path path;
  private final JsonParser parser;
  private final long start; // of the tensors, in the file
  private final long fileSize;
  private final Map<String, Entry> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsHeaderReader(Path path, JsonParser parser, long start, long fileSize) {
    this.path = path;
    this.parser = parser;
    this.start = start;
    this.fileSize = fileSize;
  }

  /**
   * Reads a header.
   *
   * @param position where it begins in the file
   * @param length its bytes; the tensors follow
   */
  static SafetensorsHeader read(
      Path path, FileChannel channel, long position, int length, long fileSize) throws IOException {
    InputStream stream = new Section(path, channel, position, length);
    // This decoder reports malformed input; Jackson's own lets some of it pass.
    InputStreamReader text = new InputStreamReader(stream, StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = JSON.createParser(text)) {
      return new SafetensorsHeaderReader(path, parser, position + length, fileSize).header();
    } catch (CharacterCodingException e) {
      throw SafetensorsHeader.damaged(path, "its header is not valid UTF-8", e);
    } catch (JsonProcessingException e) {
      throw SafetensorsHeader.damaged(
          path, "its header is not valid JSON: " + Failure.quote(e.getOriginalMessage()), e);
    }
  }

  private SafetensorsHeader header() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT
        || parser.currentTokenLocation().getCharOffset() != 0) {
      throw damaged("its header does not begin with '{'");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(METADATA)) {
        readMetadata();
      } else {
        tensors.put(name, entry(name));
      }
      if (tensors.size() + metadata.size() > MAX_ENTRIES) {
        throw damaged("its header has over " + MAX_ENTRIES + " entries");
      }
    }
    if (parser.nextToken() != null) {
      throw damaged("its header is not valid JSON: something follows the closing brace");
    }
    return new SafetensorsHeader(tensors, metadata);
  }

  private void readMetadata() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw damaged(METADATA + " is not an object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw damaged("the metadata " + Failure.quote(name) + " is not a string");
      }
      metadata.put(name, parser.getText());
      if (metadata.size() > MAX_ENTRIES) {
        throw damaged("its header has over " + MAX_ENTRIES + " entries");
      }
    }
  }

  private Entry entry(String key) throws IOException {
    String name = Failure.quote(key);
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw damaged("the tensor " + name + " is not described by an object");
    }
    DataType dataType = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> dataType = dataType(name);
        case "shape" -> shape = longs(name, field);
        case "data_offsets" -> offsets = longs(name, field);
        default -> parser.skipChildren(); // as the reference implementation
      }
    }
    if (dataType == null || shape == null || offsets == null) {
      String missing = dataType == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw damaged("the tensor " + name + " has no " + missing);
    }
    return entry(name, dataType, shape, offsets);
  }

  private Entry entry(String name, DataType dataType, long[] shape, long[] offsets) {
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw damaged("the data_offsets of " + name + " are not [begin, end]");
    }
    if (offsets[1] > fileSize - start) {
      throw damaged(
          "the tensor "
              + name
              + " ends at byte "
              + offsets[1]
              + " of the data, but the file holds only "
              + (fileSize - start)
              + "; it is truncated, copy it again");
    }
    long expected = byteSize(name, dataType, shape);
    if (offsets[1] - offsets[0] != expected) {
      throw damaged(
          "the tensor "
              + name
              + " spans "
              + (offsets[1] - offsets[0])
              + " bytes, but its shape and type take "
              + expected);
    }
    return new Entry(dataType, shape, start + offsets[0], start + offsets[1]);
  }

  private DataType dataType(String name) throws IOException {
    boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
    for (DataType dataType : DataType.values()) {
      if (text && dataType.name().equals(parser.getText())) {
        return dataType;
      }
    }
    throw new CheckpointException(
        "The tensor "
            + name
            + " in "
            + path
            + " has the element type "
            + Failure.quote(parser.getText())
            + "; supported are "
            + List.of(DataType.values())
            + ".");
  }

  private long[] longs(String name, String field) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw damaged("the tensor " + name + " has no list named " + field);
    }
    long[] values = new long[4];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw damaged(field + " of " + name + " is not a list of integers of 64 bits");
      }
      if (parser.getLongValue() < 0) {
        throw damaged(field + " of " + name + " holds a negative number");
      }
      if (count == MAX_DIMENSIONS) {
        throw damaged(field + " of " + name + " has over " + MAX_DIMENSIONS + " numbers");
      }
      values = count < values.length ? values : Arrays.copyOf(values, 2 * count);
      values[count++] = parser.getLongValue();
    }
    return Arrays.copyOf(values, count);
  }

  private long byteSize(String name, DataType dataType, long[] shape) {
    try {
      return Math.multiplyExact(HostTensor.elements(shape), dataType.bytes());
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw SafetensorsHeader.damaged(path, "the shape of " + name + " is too large", e);
    }
  }

  private CheckpointException damaged(String what) {
    return SafetensorsHeader.damaged(path, what);
  }

  /** Some bytes of a file as a stream; closing it leaves the file open. */
  private static final class Section extends InputStream {

    private final Path path;
    private final FileChannel channel;
    private long position;
    private int remaining;

    Section(Path path, FileChannel channel, long position, int length) {
      this.path = path;
      this.channel = channel;
      this.position = position;
      this.remaining = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (remaining == 0) {
        return -1;
      }
      int count = Math.min(length, remaining);
      SafetensorsHeader.readFully(path, channel, position, ByteBuffer.wrap(target, offset, count));
      position += count;
      remaining -= count;
      return count;
    }
  }
}
