/**
 * What a model learns from: examples of domains, as files and as token ids. JSON Lines in Alpaca or
 * chat form come in, checked line by line; domains, reports of what stands twice in them and what
 * personal data they hold, encoded examples and batches of similar length go out. May use {@code
 * personal}, the core's text and, for the model's form of a batch, its model.
 */
package io.github.moa4j.training.data;
