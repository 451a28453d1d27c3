package io.github.moa4j.training.personal;

/** A kind of personal data that a pattern can find. */
public enum PersonalKind {
  /** An address of electronic mail (RFC 5322 and 6531), also with {@code (at)} for the sign. */
  EMAIL,
  /** An international bank account number (ISO 13616) whose check digits are right. */
  IBAN,
  /** A payment card number (ISO/IEC 7812) of a known issuer whose check digit is right. */
  CARD,
  /** An address of the internet, version 4 or 6; not of one's own machine. */
  IP_ADDRESS,
  /** A telephone number (ITU-T E.164), by the rules of its country. */
  PHONE;

  /** Returns what stands in its place in a masked text, such as {@code [EMAIL]}. */
  public String mask() {
    return "[" + name() + "]";
  }
}
