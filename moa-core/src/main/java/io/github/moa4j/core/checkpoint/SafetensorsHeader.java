package io.github.moa4j.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: 8 bytes of length (unsigned, little endian), then that many
 * bytes of JSON, then the tensors without a gap. Everything is checked against the file's size
 * here, so that whoever reads a tensor later can trust its place.
 *
 * @param tensors where each tensor lies, in the order of the header
 * @param metadata the {@code __metadata__} strings
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {

  static final String METADATA = "__metadata__";
  static final int MAX_LENGTH = 100_000_000; // the reference implementation's limit

  private static final int PIECE_BYTES = 1 << 20;

  /**
   * One tensor.
   *
   * @param begin absolute position of the first byte in the file
   * @param end absolute position behind the last byte
   */
  record Entry(DataType dataType, long[] shape, long begin, long end) {
    long length() {
      return end - begin;
    }
  }

  static SafetensorsHeader read(Path path, FileChannel channel) throws IOException {
    long fileSize = channel.size();
    if (fileSize < Long.BYTES) {
      throw damaged(path, "it has " + fileSize + " bytes, less than the length of a header");
    }
    long length = readFully(path, channel, 0, Long.BYTES).getLong();
    if (length < 2 || length > MAX_LENGTH) {
      throw damaged(
          path,
          "its header claims "
              + Long.toUnsignedString(length)
              + " bytes (2 to "
              + MAX_LENGTH
              + " are possible); is it a safetensors file at all?");
    }
    if (length > fileSize - Long.BYTES) {
      throw damaged(
          path,
          "its header claims "
              + length
              + " bytes, but the file has only "
              + fileSize
              + "; it is truncated, copy it again");
    }
    JsonNode json = parse(path, readFully(path, channel, Long.BYTES, (int) length));
    return new Parser(path, Long.BYTES + length, fileSize).header(json);
  }

  private static ByteBuffer readFully(Path path, FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    readFully(path, channel, position, buffer);
    return buffer.flip();
  }

  /**
   * Fills a buffer. In pieces, since a channel reads into a native buffer of the same size first,
   * which the JDK then keeps for the thread.
   */
  static void readFully(Path path, FileChannel channel, long position, ByteBuffer target)
      throws IOException {
    int limit = target.limit();
    long start = position - target.position();
    while (target.position() < limit) {
      target.limit(Math.min(limit, target.position() + PIECE_BYTES));
      if (channel.read(target, start + target.position()) < 0) {
        throw damaged(path, "it became shorter while it was open");
      }
    }
  }

  private static JsonNode parse(Path path, ByteBuffer header) {
    if (header.get(0) != '{') {
      throw damaged(path, "its header does not begin with '{'");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
      return JsonFile.MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(damage(path, "its header is not valid UTF-8"), e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          damage(path, "its header is not valid JSON: " + e.getOriginalMessage()), e);
    }
  }

  static String damage(Path path, String what) {
    return "The safetensors file " + path + " is damaged: " + what + ".";
  }

  static CheckpointException damaged(Path path, String what) {
    return new CheckpointException(damage(path, what));
  }

  /** Turns the JSON into entries and checks them against each other and the file's size. */
  private record Parser(Path path, long start, long fileSize) {

    SafetensorsHeader header(JsonNode json) {
      Map<String, Entry> tensors = new LinkedHashMap<>();
      Map<String, String> metadata = Map.of();
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        if (field.getKey().equals(METADATA)) {
          metadata = metadata(field.getValue());
        } else {
          tensors.put(field.getKey(), entry(field.getKey(), field.getValue()));
        }
      }
      checkLayout(tensors);
      return new SafetensorsHeader(Collections.unmodifiableMap(tensors), metadata);
    }

    private Map<String, String> metadata(JsonNode json) {
      Map<String, String> metadata = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        if (!field.getValue().isTextual()) {
          throw damaged(path, "the metadata " + field.getKey() + " is not a string");
        }
        metadata.put(field.getKey(), field.getValue().textValue());
      }
      if (!json.isObject()) {
        throw damaged(path, METADATA + " is not an object");
      }
      return Collections.unmodifiableMap(metadata);
    }

    private Entry entry(String name, JsonNode json) {
      DataType dataType = dataType(name, json.path("dtype"));
      long[] shape = longs(name, "shape", json.path("shape"));
      long[] offsets = longs(name, "data_offsets", json.path("data_offsets"));
      if (offsets.length != 2 || offsets[0] > offsets[1]) {
        throw damaged(path, "the data_offsets of " + name + " are not [begin, end]");
      }
      if (offsets[1] > fileSize - start) {
        throw damaged(
            path,
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
            path,
            "the tensor "
                + name
                + " spans "
                + (offsets[1] - offsets[0])
                + " bytes, but its shape and type take "
                + expected);
      }
      return new Entry(dataType, shape, start + offsets[0], start + offsets[1]);
    }

    private DataType dataType(String name, JsonNode json) {
      for (DataType dataType : DataType.values()) {
        if (json.isTextual() && dataType.name().equals(json.textValue())) {
          return dataType;
        }
      }
      throw new CheckpointException(
          "The tensor "
              + name
              + " in "
              + path
              + " has the element type "
              + json
              + "; supported are "
              + List.of(DataType.values())
              + ".");
    }

    private long[] longs(String name, String key, JsonNode json) {
      long[] values = new long[json.size()];
      for (int i = 0; i < values.length; i++) {
        JsonNode value = json.get(i);
        if (value == null || !value.canConvertToLong() || !value.isIntegralNumber()) {
          throw damaged(path, key + " of " + name + " is not a list of integers");
        }
        values[i] = value.longValue();
        if (values[i] < 0) {
          throw damaged(path, key + " of " + name + " holds a negative number");
        }
      }
      if (!json.isArray()) {
        throw damaged(path, "the tensor " + name + " has no list named " + key);
      }
      return values;
    }

    private long byteSize(String name, DataType dataType, long[] shape) {
      try {
        return Math.multiplyExact(HostTensor.elements(shape), dataType.bytes());
      } catch (ArithmeticException | IllegalArgumentException e) {
        throw new CheckpointException(damage(path, "the shape of " + name + " is too large"), e);
      }
    }

    /** The format forbids overlaps, holes, and bytes behind the last tensor. */
    private void checkLayout(Map<String, Entry> tensors) {
      List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
      sorted.sort(
          Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
              .thenComparingLong(e -> e.getValue().end()));
      long expected = start;
      String before = "";
      for (Map.Entry<String, Entry> tensor : sorted) {
        long begin = tensor.getValue().begin();
        if (begin < expected) {
          throw damaged(path, "the tensors " + before + " and " + tensor.getKey() + " overlap");
        }
        if (begin > expected) {
          throw damaged(
              path, (begin - expected) + " bytes before " + tensor.getKey() + " belong to nothing");
        }
        expected = tensor.getValue().end();
        before = tensor.getKey();
      }
      if (expected != fileSize) {
        throw damaged(path, (fileSize - expected) + " bytes at its end belong to no tensor");
      }
    }
  }
}
