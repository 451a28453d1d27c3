package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.DurableFiles;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;

/**
 * Brings one blob into the cache. Its bytes grow in a file of their own, which a later attempt goes
 * on with; it gets the blob's name when its hash is right, and not before.
 */
final class HubDownload {

  private static final Duration LOCK_PAUSE = Duration.ofMillis(50);
  private static final int PIECE_BYTES = 1 << 20;

  private final HubCache cache;
  private final HubClient client;
  private final Patience patience;
  private final HubProgress progress;

  HubDownload(HubCache cache, HubClient client, Patience patience, HubProgress progress) {
    this.cache = cache;
    this.client = client;
    this.patience = patience;
    this.progress = progress;
  }

  /** Brings a file's blob into the cache; waits for somebody else who does. */
  @SuppressWarnings("try") // the lock is held, not looked at
  void fetch(RemoteFile file) throws Unreachable {
    Path blob = cache.blob(file.hash());
    Path lock = cache.lock(file.hash());
    cache.create(blob.getParent());
    cache.create(lock.getParent());
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock(channel)) {
      if (!Files.exists(blob)) {
        complete(file, blob);
      }
    } catch (IOException e) {
      throw cache.failed("store " + file.name(), e);
    }
  }

  /** By other processes and by other threads of this one, which the JDK tells apart. */
  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException e) {
        // another thread has it
      }
      Patience.sleep(LOCK_PAUSE);
    }
  }

  private void complete(RemoteFile file, Path blob) throws IOException, Unreachable {
    Path incomplete = cache.incomplete(file.hash());
    boolean resumed = Files.exists(incomplete) && Files.size(incomplete) > 0;
    download(file, incomplete);
    if (resumed && !isWhole(file, incomplete)) {
      Files.delete(incomplete); // what was there from before may have been damaged
      download(file, incomplete);
    }
    if (!isWhole(file, incomplete)) {
      Files.delete(incomplete);
      throw new HubException(
          "What came of %s as %s does not have the hash %s that the hub names; it was thrown away"
              .formatted(cache.repository(), file.name(), file.hash()));
    }
    DurableFiles.rename(incomplete, blob);
    DurableFiles.syncFolder(blob.getParent());
  }

  private static boolean isWhole(RemoteFile file, Path path) throws IOException {
    MessageDigest digest = file.digest();
    ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(file.hash());
  }

  private void download(RemoteFile file, Path incomplete) throws IOException, Unreachable {
    try (FileChannel out =
        FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (out.size() > file.size()) {
        out.truncate(0);
      }
      out.position(out.size());
      int failures = 0;
      while (out.size() < file.size()) {
        long before = out.size();
        IOException broken = append(file, out);
        if (broken != null) {
          failures = out.size() > before ? 1 : failures + 1;
          client.giveUp(file.address(), failures, broken);
        }
      }
      out.force(true);
    }
  }

  /** Appends what comes; returns why it ended before the whole had come, or null. */
  private IOException append(RemoteFile file, FileChannel out) throws IOException, Unreachable {
    long start = out.size();
    Map<String, String> range = start == 0 ? Map.of() : Map.of("Range", "bytes=" + start + "-");
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = client.get(file.address(), range);
    try (ResponseBytes body = new ResponseBytes(response.body(), patience.silence())) {
      if (!place(response, file, out, start)) {
        return new IOException("another part came than was asked for");
      }
      while (true) {
        ByteBuffer piece;
        try {
          piece = body.next();
        } catch (IOException e) {
          return e;
        }
        if (piece == null) {
          return out.size() < file.size() ? new IOException("the answer ended early") : null;
        }
        write(piece, file, out);
      }
    }
  }

  /**
   * Goes to where the response begins: where it was asked to, or at the start.
   *
   * @return whether the response can be used; if not, the next attempt begins at the start
   */
  private static boolean place(
      HttpResponse<?> response, RemoteFile file, FileChannel out, long start) throws IOException {
    String range = response.headers().firstValue("Content-Range").orElse("");
    boolean goesOn =
        response.statusCode() == 206
            && range.equals("bytes %d-%d/%d".formatted(start, file.size() - 1, file.size()));
    if (!goesOn) {
      out.truncate(0);
    }
    out.position(out.size());
    return goesOn || response.statusCode() == 200;
  }

  private void write(ByteBuffer piece, RemoteFile file, FileChannel out) throws IOException {
    if (out.position() + piece.remaining() > file.size()) {
      out.truncate(0);
      throw new HubException(
          "More than the %d bytes that the hub names come of %s; they were thrown away"
              .formatted(file.size(), file.name()));
    }
    while (piece.hasRemaining()) {
      out.write(piece);
    }
    progress.onBytes(file.name(), out.position(), file.size());
  }
}
