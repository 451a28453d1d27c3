package io.github.moa4j.examples;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stands in for the program that trains a mixture and lets it answer. */
public final class Quickstart {

  private static final Logger logger = LoggerFactory.getLogger(Quickstart.class);

  private Quickstart() {}

  /** Reports its arguments. */
  public static void main(String[] args) {
    logger.info("Quickstart {}", List.of(args));
  }
}
