/**
 * What the report says, a class a group of sections. The records of a comparison come in, the
 * sections of a page go out. It may use {@code report.records} and {@code report.page}.
 */
package io.github.moa4j.examples.study.report.sections;
