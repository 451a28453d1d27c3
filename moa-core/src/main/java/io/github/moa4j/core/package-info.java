/** The core of MoA4J; this package itself holds only what every room needs: the exceptions. */
package io.github.moa4j.core;
