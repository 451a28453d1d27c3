package io.github.moa4j.training.data;

import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The examples of one JSON Lines file: UTF-8, one JSON object a line, each in one of two forms.
 *
 * <ul>
 *   <li>Alpaca: {@code {"instruction": "…", "input": "…", "output": "…"}}. The prompt is one
 *       message of the user: the instruction and, unless it is missing or blank, a newline and the
 *       input.
 *   <li>Chat: {@code {"messages": [{"role": "user", "content": "…"}, …]}} with the roles {@code
 *       system}, {@code developer}, {@code user}, {@code assistant} and {@code tool}. The last
 *       message is the assistant's and is the answer; all before it are the prompt. Messages may
 *       have {@code name}, {@code reasoning_content}, {@code tool_calls} and {@code tool_call_id},
 *       and their content may come in parts of text.
 * </ul>
 *
 * <p>Beside either form stand {@code tools} (an array of JSON schemas, or such an array as JSON in
 * a text), {@code documents}, and {@code chat_template_kwargs}, the variables of this line's chat
 * template.
 *
 * <p>Other fields of a line are ignored. A byte order mark, Windows line ends and blank lines at
 * the end of the file are accepted.
 *
 * @param examples the examples in the file's order; at least one
 * @param source the file's name, hash and counts
 */
public record ExampleFile(List<Example> examples, DataFile source) {

  /** Copies the list. */
  public ExampleFile {
    examples = List.copyOf(examples);
  }

  /**
   * Reads and checks a whole file.
   *
   * @throws DatasetException if the file cannot be read, holds no example, or a line is not valid;
   *     the message names file and line
   */
  public static ExampleFile read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new DatasetException(
          "%s: %s; expected a JSON Lines file of examples"
              .formatted(file, Files.exists(file) ? "is not a file" : "does not exist"));
    }
    List<Example> examples = new ArrayList<>();
    try (LineReader lines = new LineReader(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        examples.add(ExampleFormat.parse(line.get(), file, lines.number()));
      }
      if (examples.isEmpty()) {
        throw new DatasetException(
            file + ": holds no examples; expected at least one line with a JSON object");
      }
      String hash = HexFormat.of().formatHex(lines.sha256());
      String name = String.valueOf(file.getFileName());
      return new ExampleFile(examples, new DataFile(name, hash, lines.bytes(), examples.size()));
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e, e);
    }
  }

  /**
   * Writes examples so that {@link #read} gives the same ones: a single message of the user in
   * Alpaca form, any other prompt in chat form.
   *
   * @throws DatasetException if there are no examples or the file cannot be written
   */
  public static void write(Path file, List<Example> examples) {
    if (examples.isEmpty()) {
      throw new DatasetException(file + ": no examples to write; expected at least one");
    }
    AtomicFile.write(
        file,
        channel -> {
          for (Example example : examples) {
            String line = ExampleFormat.format(example) + "\n";
            AtomicFile.writeFully(channel, ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
          }
        },
        DatasetException::new);
  }
}
