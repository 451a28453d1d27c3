package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionKeys;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of a program that may meet encrypted adapters: where their keys are. */
public final class EncryptionArgument {

  @Option(
      names = "--encryption-keys",
      paramLabel = "FILE",
      description = "The keys of an encrypted mixture, JSON. Default: none is encrypted.")
  private Optional<Path> keys = Optional.empty();

  /** Returns how adapters and routers are read and written. */
  public Encryption encryption() {
    return keys.map(EncryptionKeys::read).map(Encryption::with).orElseGet(Encryption::off);
  }
}
