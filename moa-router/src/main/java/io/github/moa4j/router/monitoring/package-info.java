/**
 * What a mixture tells of its work: each answer without its text, and its state as one record.
 * Answers and the load of the generator go in, values for meters and dashboards come out. It may
 * use the core's {@code generation} and nothing of the router's other rooms.
 */
package io.github.moa4j.router.monitoring;
