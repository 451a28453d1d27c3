package io.github.moa4j.spring;

import io.github.moa4j.core.MoaException;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/** Says at once what is wrong under another Spring, which fails somewhere deep otherwise. */
@AutoConfiguration(before = MoaAutoConfiguration.class)
@ConditionalOnProperty("moa.mixture")
@ConditionalOnMissingClass(MoaChatAutoConfiguration.OF_SPRING_AI_1)
public class MoaOtherSpringAutoConfiguration {

  MoaOtherSpringAutoConfiguration() {
    throw new MoaException(
        "This moa-spring-boot-starter is made for Spring Boot 3.5 with Spring AI 1.1, and Spring AI"
            + " on the class path is another (with Spring Boot "
            + SpringBootVersion.getVersion()
            + "). Depend on moa-router instead and make the mixture a bean, or reach moa-server"
            + " through Spring AI's OpenAI model: docs/spring.md shows both.");
  }
}
