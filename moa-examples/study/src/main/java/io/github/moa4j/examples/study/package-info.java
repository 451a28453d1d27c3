/**
 * Programs that show how good, how fast and how reliable the method is, each one question. Folders
 * of domains and numbers of repetitions go in, reports and tables come out. It uses the arguments
 * and the base of the examples and every room below.
 */
package io.github.moa4j.examples.study;
