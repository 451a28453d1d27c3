/**
 * What a comparison of methods measures, as records that are stored part by part, and the report
 * made of them. Records come in, or JSON files of an earlier run; JSON files, Markdown, CSV and one
 * self-contained HTML page go out. It uses {@code core} for its errors and for writing files.
 */
package io.github.moa4j.examples.report;
