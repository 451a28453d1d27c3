package io.github.moa4j.examples;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.training.mixture.MixtureRouters;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes a domain from a mixture; the routers forget it in the same commit. */
@Command(
    name = "RemoveDomain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Removes a domain's adapter, and what the routers know of the domain.")
public final class RemoveDomain implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();

  @Parameters(paramLabel = "NAME", description = "The domain.")
  private String name;

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new RemoveDomain(), args));
  }

  @Override
  public Integer call() {
    MixtureDirectory directory = mixture.open();
    new MixtureRouters(LayerwiseRouterSettings.defaults(), RidgeSettings.defaults())
        .remove(directory, name);
    spec.commandLine()
        .getOut()
        .printf("Removed %s. Left: %s%n", name, directory.state().domains().keySet());
    return 0;
  }
}
