package io.github.moa4j.examples.report;

/** Text to be shown as it is, such as a command line. */
record Listing(String caption, String text) implements Block {}
