/**
 * Asks every question of a comparison of the same domains: one class a question, each answer stored
 * as soon as it is known. Domains and a base come in, the records of a report go out. It may use
 * every library of this project, {@code ablations}, {@code methods}, {@code workbench} and {@code
 * report.records}.
 */
package io.github.moa4j.examples.study.comparison;
