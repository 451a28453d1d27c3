package io.github.moa4j.core.hub;

/** There is no way to a server, or nothing comes of it any more: the cache may do instead. */
final class Unreachable extends Exception {

  private static final long serialVersionUID = 1L;

  Unreachable(String message, Throwable cause) {
    super(message, cause);
  }
}
