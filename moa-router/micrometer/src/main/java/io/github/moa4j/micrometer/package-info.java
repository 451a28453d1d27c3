/**
 * Meters of a mixture for Micrometer. What a mixture tells of its answers and its state goes in,
 * timers, counters, summaries and gauges in the application's registry come out. It may use the
 * router's {@code monitoring}, its mixture and Micrometer's core.
 */
package io.github.moa4j.micrometer;
