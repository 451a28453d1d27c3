/**
 * Trains each method of a comparison and measures its answers, every result stored as soon as it is
 * known. A workbench comes in; trained adapters, routed choices and runs of methods go out. It may
 * use every library of this project, {@code workbench} and {@code report.records}.
 */
package io.github.moa4j.examples.study.methods;
