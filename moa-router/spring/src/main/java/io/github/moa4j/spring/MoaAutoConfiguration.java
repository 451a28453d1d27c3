package io.github.moa4j.spring;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.access.AuditTrail;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Opens the mixture that the property {@code moa.mixture} names, unless the application does. An
 * {@link AuditTrail}, an {@link Encryption} and a {@link SignaturePolicy} are taken from the
 * application's beans.
 */
@AutoConfiguration
@ConditionalOnProperty("moa.mixture")
@ConditionalOnMissingBean(MixtureOfLoras.class)
@EnableConfigurationProperties(MoaProperties.class)
public class MoaAutoConfiguration {

  /** Closes the mixture with patience, before Spring closes it at once. */
  @FunctionalInterface
  interface MixtureEnd extends DisposableBean {}

  @Bean
  MixtureOfLoras mixtureOfLoras(
      MoaProperties properties,
      ObjectProvider<AuditTrail> audit,
      ObjectProvider<Encryption> encryption,
      ObjectProvider<SignaturePolicy> signatures) {
    MixtureBuilder builder = properties.builder();
    audit.ifAvailable(builder::audit);
    encryption.ifAvailable(builder::encryption);
    signatures.ifAvailable(builder::signatures);
    return builder.open();
  }

  @Bean
  MixtureEnd mixtureEnd(MixtureOfLoras mixture, MoaProperties properties) {
    return () -> mixture.close(properties.closePatience());
  }
}
