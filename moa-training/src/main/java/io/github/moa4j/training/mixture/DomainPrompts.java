package io.github.moa4j.training.mixture;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.List;

/**
 * What the routers learn a domain from.
 *
 * @param domain its name
 * @param states what the base sees of its prompts; empty if only the statistics are known
 * @param statistics the moments of these states
 */
record DomainPrompts(String domain, List<PromptStates> states, DomainStatistics statistics) {}
