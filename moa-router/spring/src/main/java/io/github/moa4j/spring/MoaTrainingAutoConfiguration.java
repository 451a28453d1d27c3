package io.github.moa4j.spring;

import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.mixture.MixtureTrainer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Offers the trainer of the mixture that is served, where the application has moa-training. */
@AutoConfiguration(after = MoaAutoConfiguration.class)
@ConditionalOnClass(MixtureTrainer.class)
@ConditionalOnBean(MixtureOfLoras.class)
@EnableConfigurationProperties(MoaTrainingProperties.class)
public class MoaTrainingAutoConfiguration {

  /** Lazy: it loads ND4J's natives, which only who trains pays for. */
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  MixtureTrainer mixtureTrainer(MixtureOfLoras mixture, MoaTrainingProperties properties) {
    return new MixtureTrainer(mixture.base(), mixture.prompts(), properties.settings());
  }
}
