package io.github.moa4j.core.signing;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/** The kinds of keys that sign. */
public enum KeyAlgorithm {
  /** Edwards curve 25519. Not known to every verifier of models. */
  ED25519("EdDSA", "Ed25519", "Ed25519", 255),
  /** ECDSA on NIST's curve P-256, with SHA-256. */
  ECDSA_P256("EC", "SHA256withECDSA", "secp256r1", 256),
  /** ECDSA on NIST's curve P-384, with SHA-384. */
  ECDSA_P384("EC", "SHA384withECDSA", "secp384r1", 384),
  /** ECDSA on NIST's curve P-521, with SHA-512. */
  ECDSA_P521("EC", "SHA512withECDSA", "secp521r1", 521);

  private final String family;
  private final String signature;
  private final String curve;
  private final int bits;

  KeyAlgorithm(String family, String signature, String curve, int bits) {
    this.family = family;
    this.signature = signature;
    this.curve = curve;
    this.bits = bits;
  }

  KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
      generator.initialize(
          this == ED25519 ? NamedParameterSpec.ED25519 : new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  byte[] sign(PrivateKey key, byte[] message) {
    try {
      Signature signer = Signature.getInstance(signature);
      signer.initSign(key);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new SigningException("Signing with " + this + " failed: " + e.getMessage(), e);
    }
  }

  boolean verifies(PublicKey key, byte[] message, byte[] signed) {
    try {
      Signature verifier = Signature.getInstance(signature);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signed);
    } catch (InvalidKeyException | SignatureException e) {
      return false; // of another key, or not even of the right form
    } catch (NoSuchAlgorithmException e) {
      throw missing(e);
    }
  }

  static PrivateKey privateKey(byte[] pkcs8, String where) {
    for (String family : families()) {
      try {
        return KeyFactory.getInstance(family).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException ofAnotherFamily) {
        // the next one may fit
      } catch (NoSuchAlgorithmException e) {
        throw missing(e);
      }
    }
    throw unknown(where);
  }

  static PublicKey publicKey(byte[] x509, String where) {
    for (String family : families()) {
      try {
        return KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(x509));
      } catch (InvalidKeySpecException ofAnotherFamily) {
        // the next one may fit
      } catch (NoSuchAlgorithmException e) {
        throw missing(e);
      }
    }
    throw unknown(where);
  }

  static KeyAlgorithm of(Key key, String where) {
    if (key instanceof EdECKey edwards
        && edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName())) {
      return ED25519;
    }
    if (key instanceof ECKey elliptic) {
      int size = elliptic.getParams().getOrder().bitLength();
      return Arrays.stream(values())
          .filter(algorithm -> algorithm.family.equals("EC") && algorithm.bits == size)
          .findFirst()
          .orElseThrow(() -> unknown(where));
    }
    throw unknown(where);
  }

  private static Iterable<String> families() {
    return Arrays.stream(values()).map(algorithm -> algorithm.family).distinct().toList();
  }

  private static SigningException unknown(String where) {
    return new SigningException(
        where
            + " holds a key of an unknown kind. Expected: Ed25519, ECDSA on P-256, P-384, P-521.");
  }

  private static IllegalStateException missing(GeneralSecurityException e) {
    return new IllegalStateException("Every JDK from 15 on has these algorithms", e);
  }
}
