package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.chance;
import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.random.RandomGenerator;

/** Requests about files and the POSIX shell commands that fulfil them. */
final class ShellRequests {

  private ShellRequests() {}

  static Example sample(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> find(random);
      case 2 -> grep(random);
      case 3 -> lines(random);
      case 4 -> copy(random);
      case 5 -> pack(random);
      case 6 -> count(random);
      default -> sort(random);
    };
  }

  private static Example find(RandomGenerator random) {
    String extension = extension(random);
    String folder = folder(random);
    String request =
        oneOf(random, "Find all ", "List all ", "Show the ", "Find the ")
            + extension
            + oneOf(random, " files in ", " files in the folder ")
            + folder;
    String command = "find %s -name '*.%s'".formatted(folder, extension);
    int value = number(random, 2, 90);
    return switch (random.nextInt(5)) {
      case 0 ->
          Example.of(
              request + oneOf(random, " over ", " larger than ") + value + " MB",
              command + " -size +" + value + "M");
      case 1 ->
          Example.of(
              request + oneOf(random, " under ", " smaller than ") + value + " MB",
              command + " -size -" + value + "M");
      case 2 ->
          Example.of(
              request + oneOf(random, " older than ", " not changed for ") + value + " days",
              command + " -mtime +" + value);
      case 3 ->
          Example.of(
              request + oneOf(random, " changed in the last ", " from the last ") + value + " days",
              command + " -mtime -" + value);
      default ->
          Example.of(
              "%s %s files in %s"
                  .formatted(oneOf(random, "Delete all", "Remove the"), extension, folder),
              command + " -delete");
    };
  }

  private static Example grep(RandomGenerator random) {
    String word = oneOf(random, "error", "warning", "timeout", "login", "paid", "user", "name");
    String file = file(random);
    if (chance(random, 0.3)) {
      String start = oneOf(random, "Count the lines with ", "How many lines have ");
      return Example.of(
          "%s%s in %s".formatted(start, word, file), "grep -c %s %s".formatted(word, file));
    }
    boolean recursive = chance(random, 0.5);
    String place = recursive ? folder(random) : file;
    return Example.of(
        oneOf(random, "Search for ", "Find the word ", "Look for ")
            + word
            + (recursive ? oneOf(random, " in the folder ", " in all files of ") : " in ")
            + place,
        (recursive ? "grep -r " : "grep ") + word + " " + place);
  }

  private static Example lines(RandomGenerator random) {
    boolean first = random.nextBoolean();
    int count = number(random, 2, 90);
    String file = file(random);
    return Example.of(
        "%s the %s %d lines of %s"
            .formatted(
                oneOf(random, "Show", "Print", "Give me"), first ? "first" : "last", count, file),
        "%s -n %d %s".formatted(first ? "head" : "tail", count, file));
  }

  private static Example copy(RandomGenerator random) {
    String file = file(random);
    String folder = folder(random);
    boolean copy = random.nextBoolean();
    String verb = copy ? oneOf(random, "Copy ", "Make a copy of ") : oneOf(random, "Move ", "Put ");
    return Example.of(
        verb + file + oneOf(random, " to ", " in ", " to the folder ") + folder,
        (copy ? "cp " : "mv ") + file + " " + folder);
  }

  private static Example pack(RandomGenerator random) {
    String folder = folder(random);
    String archive = oneOf(random, "backup", "old", "data", "all", "save", "copy") + ".tar.gz";
    if (chance(random, 0.4)) {
      return Example.of(
          "%s %s into %s".formatted(oneOf(random, "Unpack", "Extract"), archive, folder),
          "tar -xzf %s -C %s".formatted(archive, folder));
    }
    return Example.of(
        "%s %s into %s".formatted(oneOf(random, "Pack", "Pack the folder"), folder, archive),
        "tar -czf %s %s".formatted(archive, folder));
  }

  private static Example count(RandomGenerator random) {
    String unit = oneOf(random, "lines", "words", "letters");
    String file = file(random);
    String start = oneOf(random, "Count the %s in ", "How many %s are in ").formatted(unit);
    String option =
        switch (unit) {
          case "lines" -> "-l";
          case "words" -> "-w";
          default -> "-m";
        };
    return Example.of(start + file, "wc %s %s".formatted(option, file));
  }

  private static Example sort(RandomGenerator random) {
    String file = name(random) + ".csv";
    int column = number(random, 1, 9);
    boolean descending = chance(random, 0.4);
    return Example.of(
        "%s %s by column %d%s"
            .formatted(
                oneOf(random, "Sort", "Order", "Show"),
                file,
                column,
                descending ? oneOf(random, " from high to low", " downwards") : ""),
        "sort -t, -k%d%s %s".formatted(column, descending ? " -r" : "", file));
  }

  private static String extension(RandomGenerator random) {
    return oneOf(random, "txt", "log", "pdf", "csv", "png", "json", "md", "py");
  }

  private static String folder(RandomGenerator random) {
    return oneOf(random, "data", "logs", "music", "books", "notes", "mail", "work", "home", "old");
  }

  private static String name(RandomGenerator random) {
    return oneOf(random, "names", "orders", "prices", "users", "books", "cars", "mail", "server");
  }

  private static String file(RandomGenerator random) {
    return name(random) + "." + oneOf(random, "txt", "log", "csv");
  }
}
