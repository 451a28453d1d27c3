package io.github.moa4j.training.data;

/**
 * What identifies a file that examples were read from, for the provenance of what is trained on
 * them.
 *
 * @param name the file's name, in a domain with the folder before it: {@code sql/train.jsonl}
 * @param sha256 the hash of its bytes, 64 hexadecimal digits in lower case
 * @param bytes its size
 * @param examples the number of examples it holds
 */
public record DataFile(String name, String sha256, long bytes, int examples) {}
