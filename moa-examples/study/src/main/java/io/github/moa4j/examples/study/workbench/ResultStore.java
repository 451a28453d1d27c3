package io.github.moa4j.examples.study.workbench;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The finished parts of a long run, one JSON file each, so that a run that was stopped goes on
 * where it was. A part is written atomically: it is there whole or not at all. One process at a
 * time.
 */
public final class ResultStore {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path directory;

  /**
   * Opens a folder of parts, creating it if it is not there.
   *
   * @throws MoaException if it cannot be created
   */
  public ResultStore(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new MoaException(
          "Cannot create " + directory + ": " + e + ". Name a folder that can be written to.", e);
    }
  }

  /** Whether a part is stored. */
  public boolean contains(String name) {
    return Files.exists(file(name));
  }

  /**
   * The part of this name, read if it is stored, else computed and stored.
   *
   * @param name letters, digits and {@code . _ + -}
   * @throws MoaException if the stored part is damaged, or of another type, or cannot be written
   */
  public <T> T computeIfAbsent(String name, Class<T> type, Supplier<? extends T> part) {
    return computeIfAbsent(name, reference(type), part);
  }

  /**
   * The part of this name, read if it is stored, else computed and stored.
   *
   * @param name letters, digits and {@code . _ + -}
   * @throws MoaException if the stored part is damaged, or of another type, or cannot be written
   */
  public <T> T computeIfAbsent(String name, TypeReference<T> type, Supplier<? extends T> part) {
    if (contains(name)) {
      return read(name, type);
    }
    T computed = part.get();
    put(name, computed);
    return computed;
  }

  /**
   * The part of this name, if it is stored.
   *
   * @throws MoaException if it is damaged, or of another type
   */
  public <T> Optional<T> find(String name, Class<T> type) {
    return contains(name) ? Optional.of(read(name, reference(type))) : Optional.empty();
  }

  /**
   * Stores a part, in place of an older one of this name.
   *
   * @throws MoaException if it cannot be written
   */
  public void put(String name, Object part) {
    try {
      AtomicFile.write(file(name), JSON.writeValueAsBytes(part), MoaException::new);
    } catch (JsonProcessingException e) {
      throw new MoaException("The part \"" + name + "\" cannot be written as JSON: " + e, e);
    }
  }

  private static <T> TypeReference<T> reference(Class<T> type) {
    return new TypeReference<>() {
      @Override
      public Type getType() {
        return type;
      }
    };
  }

  private <T> T read(String name, TypeReference<T> type) {
    Path file = file(name);
    try {
      T part = JSON.readValue(Files.readAllBytes(file), type);
      if (part != null) {
        return part;
      }
      throw new MoaException(damaged(file, "it holds null"));
    } catch (JacksonException e) {
      throw new MoaException(damaged(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new MoaException("Cannot read " + file + ": " + e, e);
    }
  }

  private static String damaged(Path file, String problem) {
    return "The stored result "
        + file
        + " cannot be used ("
        + problem
        + "): it is damaged or was written by another version."
        + " Delete it to have this part computed again.";
  }

  private Path file(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "A part's name has letters, digits and . _ + - only, found: " + name);
    }
    return directory.resolve(name + ".json");
  }
}
