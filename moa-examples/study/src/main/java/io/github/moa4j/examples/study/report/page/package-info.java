/**
 * The parts that a page is built of: sections, tables, plots, listings and how numbers are written.
 * Values come in, the models that the templates of {@code report} print go out. It may use {@code
 * report.records}.
 */
package io.github.moa4j.examples.study.report.page;
