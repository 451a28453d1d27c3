/**
 * What an application holds: a {@link io.github.moa4j.router.MixtureOfLoras} that answers
 * questions, the {@link io.github.moa4j.router.Router} that decides, and the {@link
 * io.github.moa4j.router.RoutingDecision} it takes. Questions go in; answers come out, each with
 * the decision of who answers. The mixture may use moa-core and all rooms of this module ({@code
 * routing} finds a question's adapters, {@code answering} runs its answer); routers and decisions
 * use the pooled states of moa-core alone, as every method builds on them.
 */
package io.github.moa4j.router;
