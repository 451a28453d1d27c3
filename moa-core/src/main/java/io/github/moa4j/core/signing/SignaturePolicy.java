package io.github.moa4j.core.signing;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is asked of the signatures of folders before anything is read from them. Immutable. */
public final class SignaturePolicy {

  private static final Logger logger = LoggerFactory.getLogger(SignaturePolicy.class);
  private static final SignaturePolicy OFF = new SignaturePolicy(List.of(), false);

  private final List<VerificationKey> trusted;
  private final boolean required;

  private SignaturePolicy(List<VerificationKey> trusted, boolean required) {
    this.trusted = trusted;
    this.required = required;
  }

  /** Signatures are not looked at. */
  public static SignaturePolicy off() {
    return OFF;
  }

  /** A folder that none of these keys signed, or that was changed, is read with a warning. */
  public static SignaturePolicy warn(Collection<VerificationKey> trusted) {
    return new SignaturePolicy(checked(trusted), false);
  }

  /** A folder that none of these keys signed, or that was changed, is refused. */
  public static SignaturePolicy require(Collection<VerificationKey> trusted) {
    return new SignaturePolicy(checked(trusted), true);
  }

  private static List<VerificationKey> checked(Collection<VerificationKey> trusted) {
    if (trusted.isEmpty()) {
      throw new IllegalArgumentException("trusted is empty: nothing could be verified");
    }
    return List.copyOf(trusted);
  }

  /**
   * Reads from a folder as the policy allows; if the signature is right, only bytes that were
   * checked.
   *
   * @throws SigningException if the policy refuses the folder
   */
  public <T> T read(Path folder, Function<Path, T> reader) {
    if (trusted.isEmpty()) {
      return reader.apply(folder);
    }
    if (required || isRight(folder)) {
      return FolderSignature.read(folder, trusted, reader);
    }
    return reader.apply(folder);
  }

  private boolean isRight(Path folder) {
    try {
      FolderSignature.verify(folder, trusted);
      return true;
    } catch (SigningException e) {
      logger.warn("{}", e.getMessage());
      return false;
    }
  }

  @Override
  public String toString() {
    return trusted.isEmpty() ? "off" : (required ? "require " : "warn ") + trusted;
  }
}
