package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.signing.FolderSignature;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.EncryptionArgument;
import io.github.moa4j.examples.arguments.SignedTarget;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Signs an adapter's folder, or everything that a mixture serves. */
@Command(
    name = "SignAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Signs all files of an adapter (OpenSSF Model Signing v1.0, in model.sig), or commits signed"
            + " versions of all adapters and routers of a mixture, which are otherwise the same.")
public final class SignAdapter implements Callable<Integer> {

  @ArgGroup(multiplicity = "1")
  private final SignedTarget target = new SignedTarget();

  @Option(
      names = "--key",
      required = true,
      description = "The private key: PEM, PKCS #8, without a password.")
  private Path key;

  @Option(names = "--public-key", required = true, description = "Its public half: PEM.")
  private Path publicKey;

  @Option(
      names = "--new-key",
      paramLabel = "ALGORITHM",
      description =
          "Makes the two files first: ${COMPLETION-CANDIDATES}. Default: they are there already.")
  private KeyAlgorithm newKey;

  @Mixin private final EncryptionArgument encryption = new EncryptionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new SignAdapter(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    SigningKey signer =
        newKey == null
            ? SigningKey.read(key, publicKey)
            : SigningKey.generate(newKey, key, publicKey);
    if (target.folder() != null) {
      Path folder = target.folder().toAbsolutePath().normalize();
      if (folder.getFileName() == null) {
        throw new MoaException(
            folder + " is the root of a file system: name the folder of an adapter.");
      }
      FolderSignature signature =
          FolderSignature.sign(folder, folder.getFileName().toString(), signer);
      out.printf("Signed %d files of %s%n", signature.files().size(), folder);
    } else {
      MixtureState signed =
          MixtureDirectory.open(target.mixture())
              .encrypted(encryption.encryption())
              .signing(signer)
              .commit(MixtureChange::rewriteAll);
      signed
          .domains()
          .forEach((name, domain) -> out.printf("Signed %s, version %d%n", name, domain.version()));
      signed.routerVersion().ifPresent(version -> out.printf("Signed router %d%n", version));
    }
    out.printf("Key: %s%n", signer.publicKey());
    return 0;
  }
}
