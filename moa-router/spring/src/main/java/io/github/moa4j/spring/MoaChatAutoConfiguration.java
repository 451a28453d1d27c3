package io.github.moa4j.spring;

import io.github.moa4j.micrometer.MixtureMeters;
import io.github.moa4j.router.MixtureOfLoras;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.ai.model.tool.DefaultToolExecutionEligibilityPredicate;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.ToolExecutionEligibilityPredicate;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Offers the mixture, whoever opened it, as Spring AI's chat model, and meters its answers. */
@AutoConfiguration(after = {MoaAutoConfiguration.class, ToolCallingAutoConfiguration.class})
@ConditionalOnClass(name = MoaChatAutoConfiguration.OF_SPRING_AI_1)
@ConditionalOnBean(MixtureOfLoras.class)
@EnableConfigurationProperties(MoaProperties.class)
public class MoaChatAutoConfiguration {

  /** A class that later Spring AIs have no more. */
  static final String OF_SPRING_AI_1 =
      "org.springframework.ai.model.tool.ToolExecutionEligibilityPredicate";

  /** Meters the mixture's own work; Spring AI observes the calls. */
  @Bean
  @ConditionalOnMissingBean(name = "mixtureMeters")
  MeterBinder mixtureMeters(MixtureOfLoras mixture) {
    return registry -> MixtureMeters.bindServing(mixture, registry);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.CHAT_MODEL,
      havingValue = MixtureMeters.PROVIDER,
      matchIfMissing = true)
  MoaChatModel moaChatModel(
      MixtureOfLoras mixture,
      MoaProperties properties,
      ToolCallingManager tools,
      ObjectProvider<ToolExecutionEligibilityPredicate> eligible,
      ObjectProvider<ObservationRegistry> observations,
      ObjectProvider<ChatModelObservationConvention> convention) {
    return new MoaChatModel(
        mixture,
        properties.chat().options(),
        tools,
        eligible.getIfUnique(DefaultToolExecutionEligibilityPredicate::new),
        observations.getIfUnique(() -> ObservationRegistry.NOOP),
        convention.getIfAvailable());
  }
}
