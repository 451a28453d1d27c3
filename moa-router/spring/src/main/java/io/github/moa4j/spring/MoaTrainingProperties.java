package io.github.moa4j.spring;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the trainer of the mixture trains; an application that needs more makes the bean itself.
 *
 * @param rank of an adapter's matrices, on every linear map
 * @param alpha numerator of the adapter's scaling, alpha / rank; by default twice the rank
 * @param epochs passes over the training examples
 * @param batchSize examples a forward pass
 * @param learningRate peak learning rate
 * @param checkpointing whether activations are computed again instead of kept: less memory, slower
 * @param seed of initialisation, order of examples and dropout
 * @param maxPromptTokens tokens at the end of a prompt that are kept
 * @param maxAnswerTokens tokens at the beginning of an answer that are kept
 */
@ConfigurationProperties("moa.training")
public record MoaTrainingProperties(
    @DefaultValue("16") int rank,
    Double alpha,
    @DefaultValue("3") int epochs,
    @DefaultValue("4") int batchSize,
    @DefaultValue("1.5e-3") double learningRate,
    @DefaultValue("false") boolean checkpointing,
    @DefaultValue("0") long seed,
    @DefaultValue("384") int maxPromptTokens,
    @DefaultValue("256") int maxAnswerTokens) {

  /** Returns these as the trainer's own. */
  MixtureTrainingSettings settings() {
    LoraConfig lora =
        LoraConfig.of(rank, alpha == null ? 2.0 * rank : alpha, TargetModule.outsideOfExperts());
    TrainingOptions options =
        TrainingOptions.of(lora).toBuilder()
            .epochs(epochs)
            .batchSize(batchSize)
            .learningRate(learningRate)
            .checkpointing(checkpointing)
            .seed(seed)
            .build();
    return MixtureTrainingSettings.of(options).toBuilder()
        .maxPromptTokens(maxPromptTokens)
        .maxAnswerTokens(maxAnswerTokens)
        .build();
  }
}
