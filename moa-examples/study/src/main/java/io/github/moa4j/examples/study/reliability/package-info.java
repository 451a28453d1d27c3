/**
 * What a mixture on disk and one in memory withstand: writers that are killed, disks that fail, are
 * full or lose power, callers of every kind for long. A folder, a seed and numbers come in, counts
 * and what went wrong come out. It may use {@code process}, {@code synthetic}, {@code measurement}
 * and the public classes of all modules.
 */
package io.github.moa4j.examples.study.reliability;
