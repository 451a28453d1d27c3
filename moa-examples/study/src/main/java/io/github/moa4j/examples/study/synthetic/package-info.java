/**
 * Models of published shapes with random weights, adapters and routers, so that speed can be
 * measured without a download. A shape and a folder go in, files that the library reads and
 * questions for them come out. It uses no other room.
 */
package io.github.moa4j.examples.study.synthetic;
