package io.github.moa4j.spring;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the chat model answers what a prompt's options leave open.
 *
 * @param model domain that answers, or auto to let the router decide
 * @param domains domains that may answer; all if none is named
 * @param maxTokens tokens of an answer, at most
 * @param temperature 0 takes the most probable token
 * @param topK most probable tokens that are drawn from; 0 for all
 * @param topP share of probability that is drawn from; 1 for all
 * @param minP least probability of a token that is drawn, as a share of the best; 0 for all
 * @param repetitionPenalty of tokens that occurred; 1 for none
 * @param seed of the draws; without it, answers vary where the temperature is above 0
 * @param stopSequences texts that end an answer
 * @param timeLimit how long an answer may take, waiting included; by default any time
 */
public record MoaChatProperties(
    @DefaultValue(MoaChatOptions.AUTO) String model,
    Set<String> domains,
    @DefaultValue("256") int maxTokens,
    @DefaultValue("0") double temperature,
    @DefaultValue("0") int topK,
    @DefaultValue("1") double topP,
    @DefaultValue("0") double minP,
    @DefaultValue("1") double repetitionPenalty,
    Long seed,
    List<String> stopSequences,
    Duration timeLimit) {

  /** Returns these as the default options of a chat model. */
  MoaChatOptions options() {
    return MoaChatOptions.builder()
        .model(model)
        .domains(domains)
        .maxTokens(maxTokens)
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .minP(minP)
        .repetitionPenalty(repetitionPenalty)
        .seed(seed)
        .stopSequences(stopSequences)
        .timeLimit(timeLimit)
        .build();
  }
}
