/**
 * Files that only those can read who have a key. Folders of plain files and keys that the
 * application holds go in, the same folders with every file encrypted come out, and the way back.
 * It may use {@code core.files} and the JDK's cryptography.
 */
package io.github.moa4j.core.encryption;
