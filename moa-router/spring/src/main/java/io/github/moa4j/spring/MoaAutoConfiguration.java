package io.github.moa4j.spring;

import io.github.moa4j.router.MixtureOfLoras;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Opens the mixture that the property {@code moa.mixture} names, unless the application does. */
@AutoConfiguration
@ConditionalOnProperty("moa.mixture")
@ConditionalOnMissingBean(MixtureOfLoras.class)
@EnableConfigurationProperties(MoaProperties.class)
public class MoaAutoConfiguration {

  /** Closes the mixture with patience, before Spring closes it at once. */
  @FunctionalInterface
  interface MixtureEnd extends DisposableBean {}

  @Bean
  MixtureOfLoras mixtureOfLoras(MoaProperties properties) {
    return properties.builder().open();
  }

  @Bean
  MixtureEnd mixtureEnd(MixtureOfLoras mixture, MoaProperties properties) {
    return () -> mixture.close(properties.closePatience());
  }
}
