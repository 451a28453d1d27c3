/**
 * Observers that every mixture has: its counts since it was opened, and events for the JDK's Flight
 * Recorder. Observed answers go in, counts and events come out. It may use {@code monitoring}.
 */
package io.github.moa4j.router.monitoring.internal;
