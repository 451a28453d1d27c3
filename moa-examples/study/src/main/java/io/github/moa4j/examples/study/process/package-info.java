/**
 * Java processes of their own, so that a measurement has its own memory and a crash ends only what
 * crashed. A main class and arguments go in, what the process reports comes out. It uses no other
 * room.
 */
package io.github.moa4j.examples.study.process;
