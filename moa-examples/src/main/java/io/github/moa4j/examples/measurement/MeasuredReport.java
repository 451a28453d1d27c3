package io.github.moa4j.examples.measurement;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a run found: said on the console as soon as it is known, and kept as a JSON file. */
public final class MeasuredReport {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final long start = System.nanoTime();

  /** Keeps a number, a text, or a map of such. */
  public void put(String name, Object value) {
    values.put(name, value);
  }

  /** Prints a line. */
  public void say(String format, Object... arguments) {
    System.out.println(String.format(Locale.ROOT, format, arguments));
  }

  /** Writes what was kept, and the seconds since this report began. */
  public void write(Path file) {
    double seconds = (System.nanoTime() - start) / 1e9;
    put("seconds", seconds);
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(values), MoaException::new);
    } catch (IOException e) {
      throw new MoaException("Cannot write " + file + ": " + Failure.reason(e) + ".", e);
    }
    say("Took %.0f s. Report: %s", seconds, file);
  }
}
