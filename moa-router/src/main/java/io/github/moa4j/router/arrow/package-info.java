/**
 * The router that needs no prompts: it reads the directions that the adapters themselves read
 * (Arrow; Ostapenko et al., 2024). Adapters go in, a router comes out; prompts without labels can
 * calibrate it. It may use moa-core, the decisions of {@code router}, {@code router.statistics} and
 * {@code router.algebra}; it knows no other method and nothing of the application's mixture.
 */
package io.github.moa4j.router.arrow;
