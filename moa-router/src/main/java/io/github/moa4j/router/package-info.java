/**
 * Classifies a prompt into the domain whose adapter answers it: the routers, the statistics they
 * learn from, and their files. In come the pooled hidden states of a prompt ({@link
 * io.github.moa4j.core.model.PromptStates}) and, for fitting, the statistics of every domain; out
 * go a {@link io.github.moa4j.router.RoutingDecision} or a router's directory. It may use moa-core
 * and ND4J, whose arrays never outlive a method.
 */
package io.github.moa4j.router;
