package io.github.moa4j.examples.study.report.page;

/** Text to be shown as it is, such as a command line. */
public record Listing(String caption, String text) implements Block {}
