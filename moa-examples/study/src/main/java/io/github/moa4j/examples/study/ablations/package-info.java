/**
 * What each part of the method is worth: it is taken away or changed, and all else kept. Methods
 * and a routed mixture come in, a row a setting goes out. It may use every library of this project,
 * {@code methods}, {@code workbench} and {@code report.records}.
 */
package io.github.moa4j.examples.study.ablations;
