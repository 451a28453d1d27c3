package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option of a program that works on a mixture: where it is. */
public final class MixtureArgument {

  @Option(
      names = "--mixture",
      defaultValue = "moa-quickstart/mixture",
      description = "The mixture. Default: ${DEFAULT-VALUE}.")
  private Path mixture;

  @Mixin private final EncryptionArgument encryption = new EncryptionArgument();

  /** Opens it, with its keys if there are any. */
  public MixtureDirectory open() {
    return MixtureDirectory.open(mixture).encrypted(encryption());
  }

  /** Returns how its adapters and routers are read and written. */
  public Encryption encryption() {
    return encryption.encryption();
  }
}
