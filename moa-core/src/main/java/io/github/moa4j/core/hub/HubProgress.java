package io.github.moa4j.core.hub;

/** Is told how far a download is, in the thread that fetches, many times a second. */
@FunctionalInterface
public interface HubProgress {

  /**
   * Some bytes have come. What it throws ends the download, which can be resumed.
   *
   * @param file the name of the file in its repository
   * @param bytes how many of it are on the disk now
   * @param size how many there are in all
   */
  void onBytes(String file, long bytes, long size);
}
