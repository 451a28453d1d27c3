/**
 * The files of all rooms: one strict JSON reader and one writer, one atomic write, one hash. Paths
 * and plain Java values come in, checked values and durable files go out; what is wrong is thrown
 * as the exception of the room that asked ({@link io.github.moa4j.core.files.Failure}). Nobody else
 * opens a file for writing; it may use nothing but the exceptions of {@code core}.
 */
package io.github.moa4j.core.files;
