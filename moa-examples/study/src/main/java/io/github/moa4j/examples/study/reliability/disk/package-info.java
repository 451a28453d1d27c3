/**
 * A disk that can be watched, filled, broken and cut off: a file system over a real folder. A
 * folder and a rule for faults come in; what was done to it, and every state that a loss of power
 * could leave of it, go out. It uses no other room.
 */
package io.github.moa4j.examples.study.reliability.disk;
