package io.github.moa4j.core.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the JSON files of a model directory; every error names the file. */
final class JsonFile {

  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonFile() {}

  /** The text of a file in UTF-8. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw new MoaException(file + ": is not UTF-8 text; copy the original file again", e);
    } catch (IOException e) {
      throw new MoaException(file + ": cannot be read: " + e, e);
    }
  }

  /** The JSON object in a file, or empty if there is no such file. */
  static Optional<JsonNode> readIfPresent(Path file) {
    return Files.exists(file) ? Optional.of(parse(file, text(file))) : Optional.empty();
  }

  /** The JSON object that {@code text}, the content of {@code file}, spells. */
  static JsonNode parse(Path file, String text) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw new MoaException(
          file
              + where
              + ": is not valid JSON: "
              + e.getOriginalMessage()
              + "; copy the original file again",
          e);
    }
    if (!node.isObject()) {
      throw new MoaException(
          file
              + ": expected a JSON object, found "
              + node.getNodeType()
              + "; copy the original file again");
    }
    return node;
  }
}
