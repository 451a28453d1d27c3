/**
 * Programs that show the library at work, each one thing a user wants to see done. Arguments,
 * folders and the embedded base model go in; tables, answers and mixture directories come out. It
 * uses the public classes of all modules.
 */
package io.github.moa4j.examples;
