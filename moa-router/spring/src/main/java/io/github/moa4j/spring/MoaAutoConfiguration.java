package io.github.moa4j.spring;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.access.AuditTrail;
import java.time.Duration;
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
public class MoaAutoConfiguration implements DisposableBean {

  private MixtureOfLoras opened; // null until it is asked for
  private Duration closePatience = Duration.ZERO;

  /** Without a method that ends it: Spring knows of none that takes patience. */
  @Bean(destroyMethod = "")
  MixtureOfLoras mixtureOfLoras(
      MoaProperties properties,
      ObjectProvider<AuditTrail> audit,
      ObjectProvider<Encryption> encryption,
      ObjectProvider<SignaturePolicy> signatures) {
    MixtureBuilder builder = properties.builder();
    audit.ifAvailable(builder::audit);
    encryption.ifAvailable(builder::encryption);
    signatures.ifAvailable(builder::signatures);
    closePatience = properties.closePatience();
    opened = builder.open();
    return opened;
  }

  /** Closes the mixture, behind all that stand on it. */
  @Override
  public void destroy() {
    if (opened != null) {
      opened.close(closePatience);
    }
  }
}
