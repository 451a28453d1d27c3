/**
 * How good answers and routing are: perplexity, exact match, BLEU, ROUGE-L, the confusion of
 * domains and the worth of confidence. Losses of tokens, answers and decisions come in; counts,
 * shares and text tables go out. May use the core and the training data.
 */
package io.github.moa4j.training.evaluation;
