/**
 * What the weights' formats cost in quality. A base, domains and formats go in, a table of
 * perplexities comes out. It uses {@code measurement}.
 */
package io.github.moa4j.examples.study.quality;
