/**
 * Routers on disk, and the only place that makes a router by the name it is stored under. A router
 * and a folder go in, {@code router.json} and {@code router.safetensors} come out, and the way
 * back. It may use moa-core and every method that can be stored; a new method that is to be stored
 * is added here.
 */
package io.github.moa4j.router.stored;
