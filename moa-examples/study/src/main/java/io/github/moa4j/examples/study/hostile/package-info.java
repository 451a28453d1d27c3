/**
 * Files as an enemy or a broken disk would leave them, and whether the library says so: each is a
 * small valid file with a few changes drawn from a seed, read in a Java process with little memory.
 * A kind of file, a seed and a range go in; counts of what was opened, refused or went wrong come
 * out. It may use {@code process} and the public classes of all modules.
 */
package io.github.moa4j.examples.study.hostile;
