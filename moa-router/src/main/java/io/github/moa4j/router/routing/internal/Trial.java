package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A version of a domain's adapter that answers a share of the domain's questions beside the active
 * one. A caller who has a key ({@link io.github.moa4j.router.Question#as}) always gets the same of
 * the two, in every process and whenever it asks; a larger share leaves those with the version whom
 * it had before. Questions without a key are dealt out in turn. Thread-safe.
 */
public final class Trial {

  private final String domain;
  private final int version;
  private final double share;
  private final AtomicLong dealt = new AtomicLong();

  /**
   * Creates it.
   *
   * @param share of the callers, and of the questions without one; from 0 to 1
   */
  public Trial(String domain, int version, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("A share lies between 0 and 1, not " + share);
    }
    this.domain = domain;
    this.version = version;
    this.share = share;
  }

  /** Returns the version on trial. */
  public int version() {
    return version;
  }

  double share() {
    return share;
  }

  /** Tells whether the version on trial answers a question. */
  public boolean takes(Optional<String> caller) {
    if (caller.isPresent()) {
      return position(caller.get()) < share;
    }
    long before = dealt.getAndIncrement();
    return Math.floor((before + 1) * share) > Math.floor(before * share);
  }

  /** A caller's place from 0 to below 1, which says nothing of it and differs between trials. */
  private double position(String caller) {
    String text = domain + "@" + version + "\0" + caller;
    byte[] hash = Sha256.newDigest().digest(text.getBytes(StandardCharsets.UTF_8));
    return (ByteBuffer.wrap(hash).getLong() >>> 11) / (double) (1L << 53);
  }
}
