/**
 * Writes the report of a comparison: a page, a text and tables of numbers. The records of a
 * comparison come in, HTML, Markdown and CSV files go out. It may use {@code records}, {@code page}
 * and {@code sections} below it, and of the libraries only the exceptions and the writing of files.
 */
package io.github.moa4j.examples.study.report;
