package io.github.moa4j.core.encryption;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whether folders are encrypted where they lie, and with which keys. Each file of an encrypted
 * folder has {@value #SUFFIX} behind its name. Immutable.
 *
 * <p>Whoever fills such a folder or reads from it gets plain files meanwhile, in a private folder
 * that is deleted at once. It lies in memory where the platform has a file system there ({@code
 * /dev/shm} of Linux), else among temporary files ({@code java.io.tmpdir}); {@link #plainFilesIn}
 * names another. What a process that was killed left there is deleted by the next.
 */
public final class Encryption {

  /** What stands behind the name of an encrypted file. */
  public static final String SUFFIX = ".encrypted";

  /** Of files that say who made the others: they are over encrypted files, and never encrypted. */
  private static final List<String> PLAIN = List.of("model.sig");

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Encryption OFF = new Encryption(Optional.empty(), Optional.empty());

  private final Optional<EncryptionKeys> keys;
  private final Optional<Path> plainFiles;

  private Encryption(Optional<EncryptionKeys> keys, Optional<Path> plainFiles) {
    this.keys = keys;
    this.plainFiles = plainFiles;
  }

  /** Nothing is encrypted; folders that are, are refused. */
  public static Encryption off() {
    return OFF;
  }

  /** What is written is encrypted under the current key; what is read may be encrypted or not. */
  public static Encryption with(EncryptionKeys keys) {
    return new Encryption(Optional.of(keys), Optional.empty());
  }

  /** Returns the same encryption, with a folder where the plain files may be meanwhile. */
  public Encryption plainFilesIn(Path folder) {
    return new Encryption(keys, Optional.of(folder));
  }

  /**
   * Fills an empty folder.
   *
   * @param place what the folder is, such as {@code adapters/sql/v0003}: in another place it cannot
   *     be decrypted
   * @param writer writes plain files into the folder that it gets, this one or another
   * @throws EncryptionException if there is no current key, the writer brings files that are
   *     encrypted already, or a file cannot be written
   */
  public <T> T write(Path folder, String place, Function<Path, T> writer) {
    if (keys.isEmpty()) {
      T written = writer.apply(folder);
      firstEncrypted(list(folder)).ifPresent(file -> refuseAgain(folder.resolve(file)));
      return written;
    }
    return inPlainFolder(
        place,
        plain -> {
          T written = writer.apply(plain);
          List<String> files = list(plain);
          firstEncrypted(files).ifPresent(file -> refuseAgain(plain.resolve(file)));
          for (String file : files) {
            Path target = folder.resolve(file + SUFFIX);
            createFolder(target.getParent());
            EncryptedFile.encrypt(
                plain.resolve(file), target, keys.get(), context(place, file, files));
          }
          return written;
        });
  }

  private static void refuseAgain(Path file) {
    throw new EncryptionException(
        file
            + " is encrypted for the place that it comes from. Read the folder with its keys, and"
            + " write what is in it.");
  }

  /**
   * Reads from a folder, encrypted or not.
   *
   * @param place what it was written as
   * @param reader gets the folder, or one with the plain files; keeps no path, but memory mapped
   *     from a file stays valid
   * @throws EncryptionException if the key is not at hand, a file is not what was encrypted, or
   *     plain ones lie beside it
   */
  public <T> T read(Path folder, String place, Function<Path, T> reader) {
    List<String> files = list(folder);
    if (firstEncrypted(files).isEmpty()) {
      return reader.apply(folder);
    }
    List<String> names = plainNames(folder, files);
    return decrypted(folder, place, names, names, reader);
  }

  /**
   * Reads one file of a folder, encrypted or not, and decrypts no other.
   *
   * @param reader gets the file, or a plain one; keeps no path
   * @return empty if there is none of that name
   * @throws EncryptionException as {@link #read} does
   */
  public <T> Optional<T> readFile(
      Path folder, String place, String name, Function<Path, T> reader) {
    if (Files.exists(folder.resolve(name + SUFFIX), LinkOption.NOFOLLOW_LINKS)) {
      List<String> names = plainNames(folder, list(folder));
      return Optional.of(
          decrypted(
              folder, place, names, List.of(name), plain -> reader.apply(plain.resolve(name))));
    }
    return Optional.of(folder.resolve(name)).filter(Files::exists).map(reader);
  }

  private <T> T decrypted(
      Path folder, String place, List<String> all, List<String> some, Function<Path, T> reader) {
    EncryptionKeys given = keysFor(folder.resolve(some.get(0) + SUFFIX));
    return inPlainFolder(
        place,
        plain -> {
          for (String name : some) {
            Path target = plain.resolve(name);
            createFolder(target.getParent());
            PrivateFiles.write(
                target,
                out ->
                    EncryptedFile.decrypt(
                        folder.resolve(name + SUFFIX), given, context(place, name, all), out),
                EncryptionException::new);
          }
          return reader.apply(plain);
        });
  }

  private EncryptionKeys keysFor(Path file) {
    return keys.orElseThrow(
        () ->
            new EncryptionException(
                file
                    + " is encrypted under the key '"
                    + EncryptedFile.read(file).keyId()
                    + "', and no keys were given. Open the mixture with its keys:"
                    + " Encryption.with(keys)."));
  }

  /** The names that the files had, in a folder whose files are all encrypted. */
  private static List<String> plainNames(Path folder, List<String> files) {
    List<String> names = new ArrayList<>();
    for (String file : files) {
      if (file.endsWith(SUFFIX)) {
        names.add(file.substring(0, file.length() - SUFFIX.length()));
      } else if (!PLAIN.contains(file)) {
        throw new EncryptionException(
            folder.resolve(file)
                + " is not encrypted, and those beside it are: somebody put it there. Take it out.");
      }
    }
    return names;
  }

  private static Optional<String> firstEncrypted(List<String> files) {
    return files.stream().filter(file -> file.endsWith(SUFFIX)).findFirst();
  }

  /** What a chunk belongs to: a file of a folder of these files, at a place. */
  private static byte[] context(String place, String name, List<String> names) {
    return (place + "\n" + name + "\n" + String.join("\n", names)).getBytes(StandardCharsets.UTF_8);
  }

  /** The files of a folder by their paths from it, in order. */
  private static List<String> list(Path folder) {
    List<String> files = new ArrayList<>();
    try {
      list(folder, "", files);
    } catch (IOException e) {
      throw new EncryptionException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
    return files.stream().sorted().toList();
  }

  private static void list(Path folder, String prefix, List<String> files) throws IOException {
    for (Path entry : DurableFiles.list(folder)) {
      String name = prefix + entry.getFileName();
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        list(entry, name + "/", files);
      } else {
        files.add(name);
      }
    }
  }

  private <T> T inPlainFolder(String place, Function<Path, T> work) {
    Path root =
        PrivateFiles.createTemporaryFolder(
            plainFiles.orElseGet(Encryption::usualFolder), "moa-plain-", EncryptionException::new);
    try {
      Path folder = root.resolve(place);
      createFolder(folder);
      return work.apply(folder);
    } finally {
      PrivateFiles.deleteTemporaryFolder(root);
    }
  }

  private static Path usualFolder() {
    return Files.isDirectory(MEMORY) && Files.isWritable(MEMORY)
        ? MEMORY
        : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new EncryptionException("Cannot create " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }

  @Override
  public String toString() {
    return keys.map(given -> "under the key " + given.current()).orElse("off");
  }
}
