package io.github.moa4j.core.lora;

/** There is no adapter for a domain of this name, or none that whoever asks may know of. */
public final class UnknownDomainException extends AdapterException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the domain, and those there are. */
  public UnknownDomainException(String message) {
    super(message);
  }
}
