package io.github.moa4j.router.access;

/**
 * Keeps a record of who got answers of which adapters. A mixture tells it of every question,
 * whichever integration it came by, and gives no word of an answer before its record is kept: what
 * this throws is what the caller gets instead. Implementations are thread-safe, and do not take
 * long: one of the threads that call is the one that all answers share.
 *
 * @see AuditFile
 */
@FunctionalInterface
public interface AuditTrail {

  /** Keeps a record; it is safe when this returns. */
  void keep(AuditRecord record);
}
