package io.github.moa4j.router;

/** Why no adapter answers a question, only the base. */
public enum Abstention {
  /** The question holds no letter and no digit. */
  BLANK,
  /** The router finds it more probable that the question belongs to none of its domains. */
  NONE_OF_THESE,
  /** No domain is as probable as the threshold asks for. */
  UNSURE,
  /** The router knows no domain among those that the question may be answered by. */
  NO_DOMAIN,
  /** The mixture no longer has, or never had, the domain that the router chose. */
  NO_ADAPTER
}
