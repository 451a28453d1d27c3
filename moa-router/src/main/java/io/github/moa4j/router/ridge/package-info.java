/**
 * The closed-form router: a ridge regression of each state onto the domains. The statistics of
 * every domain go in, a router comes out without a gradient step. It may use moa-core, the
 * decisions of {@code router}, {@code router.statistics} and {@code router.algebra}; it knows no
 * other method and nothing of the application's mixture.
 */
package io.github.moa4j.router.ridge;
