package io.github.moa4j.core.kernel.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the archive that {@code torch.jit.save} would write for a module without parameters: a zip
 * of stored entries with the source text of one class and the pickled values of its attributes.
 */
final class ModuleArchive {

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private ModuleArchive() {}

  static byte[] of(String methods, Map<String, Object> attributes) throws IOException {
    Map<String, Object> sorted = new TreeMap<>(attributes);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "kernel/data.pkl", pickle(sorted));
      put(
          zip,
          "kernel/code/__torch__.py",
          source(methods, sorted).getBytes(StandardCharsets.UTF_8));
      put(zip, "kernel/constants.pkl", EMPTY_TUPLE);
      put(zip, "kernel/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  private static String source(String methods, Map<String, Object> attributes) {
    StringBuilder text =
        new StringBuilder("class Kernel(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
    attributes.forEach(
        (name, value) ->
            text.append("  ").append(name).append(" : ").append(typeOf(value)).append('\n'));
    return text.append(methods.indent(2)).toString();
  }

  private static String typeOf(Object value) {
    if (value instanceof Long) {
      return "int";
    }
    if (value instanceof Double) {
      return "float";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof List<?> list) {
      return list.isEmpty() ? "List[Tensor]" : "List[int]";
    }
    throw new IllegalArgumentException("Not a module attribute: " + value);
  }

  /** Pickle protocol 2 of an object of class {@code __torch__.Kernel} with that state. */
  private static byte[] pickle(Map<String, Object> attributes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(0x80);
    out.write(2);
    out.writeBytes("c__torch__\nKernel\n)");
    out.write(0x81);
    out.writeBytes("}(");
    for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
      writeString(out, attribute.getKey());
      writeValue(out, attribute.getValue());
    }
    out.writeBytes("ub.");
    return bytes.toByteArray();
  }

  private static void writeString(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeInt(Integer.reverseBytes(utf8.length));
    out.write(utf8);
  }

  private static void writeValue(DataOutputStream out, Object value) throws IOException {
    if (value instanceof Long number) {
      out.write('J');
      out.writeInt(Integer.reverseBytes(Math.toIntExact(number)));
    } else if (value instanceof Double number) {
      out.write('G');
      out.writeDouble(number);
    } else if (value instanceof Boolean flag) {
      out.write(flag ? 0x88 : 0x89);
    } else if (value instanceof List<?> list) {
      out.writeBytes("](");
      for (Object element : list) {
        writeValue(out, element);
      }
      out.write('e');
    }
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
