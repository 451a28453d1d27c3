/**
 * Programs that show the library at work, each one thing a user wants to see done. Arguments,
 * folders and the embedded base model go in; tables, answers and mixture directories come out. They
 * use the rooms below and the public classes of all modules; no room uses a program.
 */
package io.github.moa4j.examples;
