/**
 * How good answers and routing are: perplexity, exact match, BLEU, ROUGE-L, the confusion of
 * domains, the worth of confidence, and how routing holds up on prompts and texts unlike the
 * training's. Losses of tokens, answers, decisions and routers come in; counts, shares and text
 * tables go out. May use the core, the routers, the training data and its forms in {@code
 * robustness}.
 */
package io.github.moa4j.training.evaluation;
