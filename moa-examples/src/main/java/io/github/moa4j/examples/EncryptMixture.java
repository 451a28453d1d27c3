package io.github.moa4j.examples;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionKeys;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.arguments.Commands;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Encrypts everything that a mixture serves, or encrypts it anew under another key. */
@Command(
    name = "EncryptMixture",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Commits encrypted versions of all adapters and routers of a mixture, which are otherwise"
            + " the same, under the current key of a file. To change the key, add another to the"
            + " file, make it the current one, and run this again.")
public final class EncryptMixture implements Callable<Integer> {

  @Option(names = "--mixture", required = true, description = "The mixture.")
  private Path mixture;

  @Option(names = "--keys", required = true, paramLabel = "FILE", description = "The keys, JSON.")
  private Path keys;

  @Option(
      names = "--new-key",
      paramLabel = "ID",
      description = "Makes the file with one key of this id. Default: it is there already.")
  private String newKey;

  @Option(
      names = "--forget-old",
      description =
          "Deletes the versions that were there before, which are as they were. Processes that have"
              + " the mixture open must refresh it.")
  private boolean forgetOld;

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new EncryptMixture(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    EncryptionKeys given =
        newKey == null ? EncryptionKeys.read(keys) : EncryptionKeys.generate(newKey, keys);
    MixtureDirectory directory = MixtureDirectory.open(mixture).encrypted(Encryption.with(given));
    MixtureState state = directory.commit(MixtureChange::rewriteAll);
    state
        .domains()
        .forEach(
            (name, domain) -> out.printf("Encrypted %s, version %d%n", name, domain.version()));
    state.routerVersion().ifPresent(version -> out.printf("Encrypted router %d%n", version));
    if (forgetOld) {
      directory.commit(MixtureChange::forgetKept);
      directory.removeRetired();
    } else {
      out.printf("The versions before are still there as they were; --forget-old deletes them.%n");
    }
    out.printf("Key: %s%n", given.current());
    return 0;
  }
}
