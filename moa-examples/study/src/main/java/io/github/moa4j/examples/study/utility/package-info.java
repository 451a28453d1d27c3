/**
 * Whether a router should learn which adapter answers a prompt best, and not whose prompt it is.
 * Losses of examples under every adapter go in, tables come out. It may use the routers, their
 * statistics and algebra, and {@code study.measurement}.
 */
package io.github.moa4j.examples.study.utility;
