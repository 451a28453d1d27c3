package io.github.moa4j.examples;

import io.github.moa4j.core.signing.FolderSignature;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningException;
import io.github.moa4j.core.signing.VerificationKey;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.SignedTarget;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells whether adapters are what somebody trusted signed. */
@Command(
    name = "VerifyAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Checks the signature of an adapter's folder, or of everything that a mixture serves. Ends"
            + " with 1 if anything is not signed, or not what was signed.")
public final class VerifyAdapter implements Callable<Integer> {

  @ArgGroup(multiplicity = "1")
  private final SignedTarget target = new SignedTarget();

  @Option(
      names = "--trusted",
      required = true,
      description = "Public keys that are trusted, PEM; may be given several times.")
  private List<Path> trusted;

  @Spec private CommandSpec spec;
  private boolean wrong;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new VerifyAdapter(), args));
  }

  @Override
  public Integer call() {
    List<VerificationKey> keys =
        trusted.stream().flatMap(file -> VerificationKey.read(file).stream()).toList();
    if (target.folder() != null) {
      check(
          target.folder().toString(),
          () -> FolderSignature.verify(target.folder(), keys).files().size() + " files");
    } else {
      MixtureDirectory mixture =
          MixtureDirectory.open(target.mixture()).verifying(SignaturePolicy.inspect(keys));
      MixtureState state = mixture.state();
      Function<Path, String> whole = folder -> "as signed";
      state
          .domains()
          .forEach(
              (name, domain) ->
                  check(name, () -> mixture.readAdapter(name, domain.version(), whole)));
      state
          .routerVersion()
          .ifPresent(version -> check("router", () -> mixture.readRouter(version, whole)));
    }
    return wrong ? 1 : 0;
  }

  /** Returns what is right, or throws what is not. */
  private interface Check {
    String run();
  }

  private void check(String name, Check check) {
    PrintWriter out = spec.commandLine().getOut();
    try {
      out.printf("%s: %s%n", name, check.run());
    } catch (SigningException e) {
      wrong = true;
      out.printf("%s: NOT VERIFIED. %s%n", name, e.getMessage());
    }
  }
}
