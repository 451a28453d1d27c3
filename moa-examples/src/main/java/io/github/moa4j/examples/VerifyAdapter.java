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
      MixtureState state = MixtureDirectory.open(target.mixture()).state();
      SignaturePolicy policy = SignaturePolicy.inspect(keys);
      state
          .domains()
          .keySet()
          .forEach(name -> check(name, () -> check(policy, state, state.adapterDirectory(name))));
      state
          .routerDirectory()
          .ifPresent(folder -> check("router", () -> check(policy, state, folder)));
    }
    return wrong ? 1 : 0;
  }

  /** Checks a folder as it lies there, encrypted or not. */
  private static String check(SignaturePolicy policy, MixtureState state, Path folder) {
    String place = state.directory().relativize(folder).toString().replace('\\', '/');
    return policy.read(folder, place, checked -> "as signed");
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
