package io.github.moa4j.examples.study.hostile;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A safetensors file in its parts, any of which may be wrong. It is made by hand: the library's own
 * writer refuses to make what is needed here.
 *
 * @param header the JSON header as it stands in the file
 * @param data the bytes behind it
 */
record SafetensorsBytes(byte[] header, byte[] data) {

  private static final String METADATA = "__metadata__";
  private static final JsonMapper JSON = new JsonMapper();

  /** Collects tensors one behind the other. */
  static final class Builder {

    private final ObjectNode header = JSON.createObjectNode();
    private final SplittableRandom random = new SplittableRandom(1);
    private int size;

    Builder metadata(Map<String, String> metadata) {
      ObjectNode node = header.putObject(METADATA);
      metadata.forEach(node::put);
      return this;
    }

    /** Adds a tensor, of small values if it is of a floating point type. */
    Builder tensor(String name, String type, int... shape) {
      int bytes = Integer.parseInt(type.replaceAll("\\D", "")) / Byte.SIZE;
      ObjectNode tensor = header.putObject(name).put("dtype", type.toUpperCase(Locale.ROOT));
      for (int dimension : shape) {
        tensor.withArray("shape").add(dimension);
        bytes *= dimension;
      }
      tensor.putArray("data_offsets").add(size).add(size + bytes);
      size += bytes;
      return this;
    }

    SafetensorsBytes build() {
      byte[] data = new byte[size];
      for (int i = 0; i < size; i += Short.BYTES) {
        data[i] = (byte) random.nextInt();
      }
      return new SafetensorsBytes(header.toString().getBytes(StandardCharsets.UTF_8), data);
    }
  }

  /** The index of shards: which file holds which tensor. */
  static byte[] index(Map<String, SafetensorsBytes> shards) {
    ObjectNode index = JSON.createObjectNode();
    index
        .putObject("metadata")
        .put("total_size", shards.values().stream().mapToInt(s -> s.data.length).sum());
    ObjectNode map = index.putObject("weight_map");
    new TreeMap<>(shards)
        .forEach((file, shard) -> shard.names().forEach(name -> map.put(name, file)));
    return index.toString().getBytes(StandardCharsets.UTF_8);
  }

  private List<String> names() {
    try {
      List<String> names = new ArrayList<>();
      JSON.readTree(header).fieldNames().forEachRemaining(names::add);
      names.remove(METADATA);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SafetensorsBytes parse(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    ByteBuffer rest = ByteBuffer.wrap(file, Long.BYTES, file.length - Long.BYTES);
    byte[] header = new byte[length];
    rest.get(header);
    byte[] data = new byte[rest.remaining()];
    rest.get(data);
    return new SafetensorsBytes(header, data);
  }

  byte[] bytes() {
    return bytes(header.length);
  }

  /** The file with a length of the header that need not be true. */
  byte[] bytes(long headerLength) {
    return ByteBuffer.allocate(Long.BYTES + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .put(data)
        .array();
  }
}
