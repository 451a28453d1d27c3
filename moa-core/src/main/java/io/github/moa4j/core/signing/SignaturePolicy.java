package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.Failure;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is asked of the signatures of folders before anything is read from them. Immutable. */
public final class SignaturePolicy {

  private static final Logger logger = LoggerFactory.getLogger(SignaturePolicy.class);
  private static final SignaturePolicy OFF = new SignaturePolicy(List.of(), false, false);

  private final List<VerificationKey> trusted;
  private final boolean required;
  private final boolean copied;

  private SignaturePolicy(List<VerificationKey> trusted, boolean required, boolean copied) {
    this.trusted = trusted;
    this.required = required;
    this.copied = copied;
  }

  /** Signatures are not looked at. */
  public static SignaturePolicy off() {
    return OFF;
  }

  /** A folder that none of these keys signed, or that was changed, is read with a warning. */
  public static SignaturePolicy warn(Collection<VerificationKey> trusted) {
    return new SignaturePolicy(checked(trusted), false, true);
  }

  /** A folder that none of these keys signed, or that was changed, is refused. */
  public static SignaturePolicy require(Collection<VerificationKey> trusted) {
    return new SignaturePolicy(checked(trusted), true, true);
  }

  /**
   * Refuses what {@link #require} refuses, for those who only want to know: a reader gets the
   * folder itself and not a copy of what was checked, so it must not read the files.
   */
  public static SignaturePolicy inspect(Collection<VerificationKey> trusted) {
    return new SignaturePolicy(checked(trusted), true, false);
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
   * @param place what the folder is signed as. A signature of another place (a name with a slash)
   *     is not right here, since whoever swaps two signed folders changes what both are used for
   * @throws SigningException if the policy refuses the folder
   */
  public <T> T read(Path folder, String place, Function<Path, T> reader) {
    if (trusted.isEmpty()) {
      return reader.apply(folder);
    }
    Optional<VerifiedCopy> checked;
    try {
      checked = checked(folder, place);
    } catch (SigningException e) {
      if (required) {
        throw e;
      }
      logger.warn("{}", e.getMessage());
      return reader.apply(folder);
    }
    if (checked.isEmpty()) {
      return reader.apply(folder);
    }
    try (VerifiedCopy copy = checked.get()) {
      return reader.apply(copy.folder());
    }
  }

  private Optional<VerifiedCopy> checked(Path folder, String place) {
    FolderSignature signature =
        copied ? FolderSignature.listed(folder, trusted) : FolderSignature.verify(folder, trusted);
    checkPlace(folder, place, signature);
    return copied ? Optional.of(signature.copy(folder)) : Optional.empty();
  }

  private static void checkPlace(Path folder, String place, FolderSignature signature) {
    if (signature.name().contains("/") && !signature.name().equals(place)) {
      throw new SigningException(
          folder
              + " was signed as "
              + Failure.quote(signature.name())
              + ", expected "
              + place
              + ": somebody put it into another one's place.");
    }
  }

  @Override
  public String toString() {
    return trusted.isEmpty() ? "off" : (required ? "require " : "warn ") + trusted;
  }
}
