/**
 * The command line of the programs: options that several of them share, and how a program ends.
 * Words of the command line come in, settings, opened mixtures and exit codes go out. It may use
 * {@code base} and the public classes of all modules.
 */
package io.github.moa4j.examples.arguments;
