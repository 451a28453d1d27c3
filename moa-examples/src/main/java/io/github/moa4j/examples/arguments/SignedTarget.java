package io.github.moa4j.examples.arguments;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of a program on signatures, one of the two: what is signed or checked. */
public final class SignedTarget {

  @Option(names = "--folder", description = "The folder of an adapter.")
  private Path folder;

  @Option(names = "--mixture", description = "A mixture.")
  private Path mixture;

  /** Returns the folder of an adapter, null if a mixture is meant. */
  public Path folder() {
    return folder;
  }

  /** Returns the mixture, null if a folder is meant. */
  public Path mixture() {
    return mixture;
  }
}
