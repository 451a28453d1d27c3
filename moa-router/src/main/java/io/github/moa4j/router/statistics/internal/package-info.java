/**
 * What the methods' rooms share and no application needs: classifiers of several states as one,
 * probabilities as arrays, and the names and fingerprints that files hold. Values go in, values
 * come out. It may use moa-core, the decisions of {@code router} and the classifier of {@code
 * router.statistics}.
 */
package io.github.moa4j.router.statistics.internal;
