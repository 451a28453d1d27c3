package io.github.moa4j.router.access;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.LineFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * An audit as a file of JSON Lines, one {@link AuditRecord} a line; what is empty is left out.
 * Every line is forced to the disk before the caller gets what it tells of, so that an end of the
 * process or of the machine at any instant loses no record. What such an end left of a line, nobody
 * was given anything for; it is cut off when the file is opened again.
 *
 * <p>The file grows for ever: to begin another, close this one and open a mixture with the next.
 * Thread-safe.
 */
public final class AuditFile implements AuditTrail, AutoCloseable {

  /** What every line begins with, so that no other file is taken for an audit. */
  private static final String HEAD = "{\"at\":\"";

  private final LineFile lines;

  private AuditFile(LineFile lines) {
    this.lines = lines;
  }

  /**
   * Opens a file to be continued, or creates it in a folder that exists.
   *
   * @throws MoaException if it is no audit, another audit is writing to it, in this process or
   *     another, or it cannot be written
   */
  public static AuditFile open(Path file) {
    return new AuditFile(LineFile.open(file, HEAD, MoaException::new));
  }

  /**
   * {@inheritDoc}
   *
   * @throws MoaException if it cannot be written, as on a full disk, or the file is closed
   */
  @Override
  public void keep(AuditRecord record) {
    lines.append(json(record).getBytes(StandardCharsets.UTF_8));
  }

  private static String json(AuditRecord record) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("at", record.at().toString());
    json.put("question", record.question());
    json.put("event", record.event().name());
    record.caller().ifPresent(caller -> json.put("caller", caller));
    record.asked().ifPresent(asked -> json.put("asked", asked));
    record.domain().ifPresent(domain -> json.put("domain", domain));
    if (!record.versions().isEmpty()) {
      json.put("versions", new TreeMap<>(record.versions()));
    }
    record.confidence().ifPresent(confidence -> json.put("confidence", confidence));
    record.abstention().ifPresent(abstention -> json.put("abstention", abstention));
    if (record.promptTokens() > 0) {
      json.put("promptTokens", record.promptTokens());
      json.put("answerTokens", record.answerTokens());
    }
    record.error().ifPresent(error -> json.put("error", error));
    return Json.compact(json);
  }

  /** Closes the file; nothing can be kept any more. */
  @Override
  public void close() {
    lines.close();
  }
}
