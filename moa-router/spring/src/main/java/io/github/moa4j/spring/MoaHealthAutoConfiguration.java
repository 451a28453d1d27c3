package io.github.moa4j.spring;

import io.github.moa4j.router.MixtureOfLoras;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Tells the actuator how the mixture is, where there is one. */
@AutoConfiguration(after = MoaAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(MixtureOfLoras.class)
public class MoaHealthAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean(name = "moaHealthIndicator")
  @ConditionalOnEnabledHealthIndicator("moa")
  HealthIndicator moaHealthIndicator(MixtureOfLoras mixture) {
    return new MixtureHealth(mixture);
  }
}
