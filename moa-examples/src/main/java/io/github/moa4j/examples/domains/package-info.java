/**
 * Domains whose examples the program makes itself: five kinds of work that turn text into other
 * text, and a sixth to add later; drills and kinds of work to practise on, from which the adapter
 * that comes with the embedded base has learnt. A seed comes in; training examples and held-out
 * ones, whose combinations training never shows, go out. May use the training data.
 */
package io.github.moa4j.examples.domains;
