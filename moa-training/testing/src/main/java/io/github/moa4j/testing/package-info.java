/**
 * What tests of several modules share. A folder goes in, a mixture of the embedded base comes out
 * in it. It may use what moa-training, moa-router and moa-core make public.
 */
package io.github.moa4j.testing;
