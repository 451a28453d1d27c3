package io.github.moa4j.core.encryption;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The form of an encrypted file: AES-256-GCM in chunks, so that nobody needs a file in memory to
 * read it, and every chunk is authentic before anything is made of it (after AES-GCM-HKDF streaming
 * of Tink; Hoang et al., CRYPTO 2015).
 *
 * <pre>
 * "MOA4JENC"   8 bytes
 * format       1 byte, 1
 * key id       1 byte of length, then as many ASCII characters
 * salt         32 random bytes
 * length       8 bytes, big endian: of the plain file
 * chunks       each of 4 KiB of the plain file, the last one of the rest, which is empty for an
 *              empty file only; each followed by its tag of 16 bytes
 * </pre>
 *
 * <p>The key of a file is the HMAC-SHA256, under the application's key, of "moa4j file key 1" and
 * the salt, so that no two files share a key. The nonce of a chunk is its number, 12 bytes big
 * endian; its additional data are the bytes before the chunks, and the context: what the file is,
 * and where. So a chunk that was changed, moved, left out or added, and a file in another's place
 * are found.
 *
 * @param keyId of the application's key
 * @param length of the plain file
 * @param bytes all that comes before the chunks
 */
record EncryptedFile(String keyId, long length, byte[] bytes) {

  static final int CHUNK = 1 << 12; // the JDK makes its cipher fast after thousands of calls
  static final int TAG = 16;

  private static final byte[] MAGIC = "MOA4JENC".getBytes(StandardCharsets.US_ASCII);
  private static final byte FORMAT = 1;
  private static final int SALT = 32;
  private static final byte[] PURPOSE = "moa4j file key 1".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE = 12;
  private static final int PIECE = 256; // chunks that are written at once

  /** Encrypts a file under the current key. */
  static void encrypt(Path plain, Path target, EncryptionKeys keys, byte[] context) {
    try (InputStream in = buffered(plain)) {
      String id = KeyRing.checkedId(keys.current());
      EncryptedFile header = header(id, Files.size(plain));
      ChunkCipher cipher = new ChunkCipher(header.bytes, context);
      SecretKey key = header.fileKey(keys, target);
      AtomicFile.write(
          target,
          out -> {
            AtomicFile.writeFully(out, ByteBuffer.wrap(header.bytes));
            ByteBuffer sealed = ByteBuffer.allocate(PIECE * (CHUNK + TAG));
            byte[] chunk = new byte[CHUNK];
            for (long number = 0; number < header.chunks(); number++) {
              int size = header.sizeOf(number);
              if (in.readNBytes(chunk, 0, size) < size) {
                throw new EOFException(plain + " became shorter while it was read");
              }
              cipher.init(Cipher.ENCRYPT_MODE, key, number);
              cipher.work(chunk, size, sealed);
              flush(sealed, number + 1 == header.chunks(), out);
            }
          },
          EncryptionException::new);
    } catch (IOException e) {
      throw new EncryptionException("Cannot read " + plain + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * Decrypts a file into a channel. What was written before it throws is part of the plain file,
   * but not the whole.
   *
   * @throws EncryptionException if the key is not at hand, or the file is not what was encrypted
   */
  static void decrypt(Path file, EncryptionKeys keys, byte[] context, WritableByteChannel out)
      throws IOException {
    try (DataInputStream in = open(file)) {
      EncryptedFile header = read(in, file);
      header.requireSize(file);
      SecretKey key = header.fileKey(keys, file);
      ChunkCipher cipher = new ChunkCipher(header.bytes, context);
      ByteBuffer plain = ByteBuffer.allocate(PIECE * CHUNK);
      byte[] chunk = new byte[CHUNK + TAG];
      for (long number = 0; number < header.chunks(); number++) {
        int size = header.sizeOf(number) + TAG;
        if (in.readNBytes(chunk, 0, size) < size) {
          throw damaged(file, "it became shorter while it was read");
        }
        cipher.init(Cipher.DECRYPT_MODE, key, number);
        if (!cipher.work(chunk, size, plain)) {
          throw damaged(
              file,
              "it or the names of the files beside it were changed, it lies in another's place, or"
                  + " the key '"
                  + header.keyId
                  + "' is another one than it was encrypted with");
        }
        flush(plain, number + 1 == header.chunks(), out);
      }
    }
  }

  /** Writes what is in a buffer if it is full or all. */
  private static void flush(ByteBuffer buffer, boolean last, WritableByteChannel out)
      throws IOException {
    if (last || !buffer.hasRemaining()) {
      AtomicFile.writeFully(out, buffer.flip());
      buffer.clear();
    }
  }

  /** Reads what comes before the chunks. Nothing in it is authentic yet. */
  static EncryptedFile read(Path file) {
    try (DataInputStream in = open(file)) {
      return read(in, file);
    } catch (IOException e) {
      throw new EncryptionException("Cannot read " + file + ": " + Failure.reason(e) + ".", e);
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    return new DataInputStream(buffered(file));
  }

  private static InputStream buffered(Path file) throws IOException {
    return new BufferedInputStream(
        Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), PIECE * CHUNK);
  }

  private static EncryptedFile read(DataInputStream in, Path file) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw damaged(file, "it does not begin as an encrypted file does");
    }
    if (start[MAGIC.length] != FORMAT) {
      throw damaged(
          file,
          "it has the form " + start[MAGIC.length] + ", and this library knows the form " + FORMAT);
    }
    int idLength = start[MAGIC.length + 1] & 0xff;
    byte[] rest = in.readNBytes(idLength + SALT + Long.BYTES);
    if (rest.length < idLength + SALT + Long.BYTES) {
      throw damaged(file, "it is too short");
    }
    String id = new String(rest, 0, idLength, StandardCharsets.US_ASCII);
    long length = ByteBuffer.wrap(rest).getLong(idLength + SALT);
    if (!KeyRing.isId(id) || length < 0) {
      throw damaged(file, "its key id or its length is none");
    }
    byte[] bytes = Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, bytes, start.length, rest.length);
    return new EncryptedFile(id, length, bytes);
  }

  private static EncryptedFile header(String id, long length) {
    byte[] salt = new byte[SALT];
    new SecureRandom().nextBytes(salt);
    ByteBuffer bytes =
        ByteBuffer.allocate(MAGIC.length + 2 + id.length() + SALT + Long.BYTES)
            .put(MAGIC)
            .put(FORMAT)
            .put((byte) id.length())
            .put(id.getBytes(StandardCharsets.US_ASCII))
            .put(salt)
            .putLong(length);
    return new EncryptedFile(id, length, bytes.array());
  }

  private void requireSize(Path file) throws IOException {
    long chunked = length + TAG * chunks();
    if (chunked < 0 || Files.size(file) - bytes.length != chunked) {
      throw damaged(file, "it is longer or shorter than it was");
    }
  }

  private long chunks() {
    return Math.max(1, length / CHUNK + (length % CHUNK > 0 ? 1 : 0));
  }

  private int sizeOf(long chunk) {
    return (int) Math.min(CHUNK, length - chunk * CHUNK);
  }

  private SecretKey fileKey(EncryptionKeys keys, Path file) {
    Optional<SecretKey> key = keys.key(keyId);
    if (key.isEmpty()) {
      throw new EncryptionException(
          file
              + " is encrypted under the key '"
              + keyId
              + "', which is not among those that the application gives. Give it beside the"
              + " current one.");
    }
    try {
      byte[] encoded = key.get().getEncoded(); // null of a key that stays in its device
      if (encoded != null && encoded.length != KeyRing.BYTES) {
        throw new EncryptionException(
            "The key '"
                + keyId
                + "' has "
                + encoded.length * 8L
                + " bits, expected "
                + KeyRing.BYTES * 8
                + ".");
      }
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key.get());
      mac.update(PURPOSE);
      mac.update(bytes, bytes.length - Long.BYTES - SALT, SALT);
      return new SecretKeySpec(mac.doFinal(), "AES");
    } catch (GeneralSecurityException e) {
      throw new EncryptionException(
          "The key '" + keyId + "' cannot be used: " + e.getMessage() + ".", e);
    }
  }

  /** AES in GCM for the chunks of one file. */
  private static final class ChunkCipher {

    private final Cipher cipher;
    private final byte[] header;
    private final byte[] context;

    ChunkCipher(byte[] header, byte[] context) {
      this.header = header;
      this.context = context;
      try {
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Every Java platform has AES in GCM", e);
      }
    }

    void init(int mode, SecretKey key, long number) {
      byte[] nonce = ByteBuffer.allocate(NONCE).putLong(NONCE - Long.BYTES, number).array();
      try {
        cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(context);
      } catch (GeneralSecurityException e) {
        throw new EncryptionException("AES-256 cannot be used: " + e.getMessage() + ".", e);
      }
    }

    /** Encrypts or decrypts a chunk into a buffer; says no if it is not what was encrypted. */
    boolean work(byte[] chunk, int size, ByteBuffer out) {
      try {
        cipher.doFinal(ByteBuffer.wrap(chunk, 0, size), out);
        return true;
      } catch (AEADBadTagException e) {
        return false;
      } catch (GeneralSecurityException e) {
        throw new EncryptionException("AES-256 cannot be used: " + e.getMessage() + ".", e);
      }
    }
  }

  private static EncryptionException damaged(Path file, String how) {
    return new EncryptionException(
        file + " cannot be decrypted: " + how + ". Restore the folder from a copy.");
  }
}
