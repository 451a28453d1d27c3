package io.github.moa4j.spring;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingMode;
import java.io.File;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the mixture is opened. What is not set is as {@link MixtureBuilder} says.
 *
 * @param mixture directory of the mixture, with moa.json; without it there is no mixture
 * @param base directory of the base; by default where moa.json says it was
 * @param weightFormat precision of the base in memory
 * @param contextLength tokens of prompt and answer together, at most; by default what the base
 *     allows
 * @param router which of the mixture's routers decides
 * @param routingMode how the layers' routers become a choice of adapters
 * @param abstentionThreshold confidence below which the base answers alone, from 0 to 1; by default
 *     the router's own
 * @param mixedAdapters how many of the most probable adapters answer together
 * @param routingStates how many states of the base the router reads; by default as many as it needs
 * @param adapterMemory native memory for adapters that no request uses; by default unlimited
 * @param cacheMemory native memory for keys and values of the answers under way; by default 4 GB,
 *     or what the longest sequence needs
 * @param prefixMemory native memory for keys and values kept of ended answers
 * @param queueLimit how many questions wait at most; one more is refused
 * @param closePatience how long answers under way may go on when the application closes
 * @param exitPatience how long an exit of the JVM waits for Spring to close the application, web
 *     requests under way included, before the mixture closes by itself
 * @param chat how the chat model answers what a prompt's options leave open
 */
@ConfigurationProperties("moa")
public record MoaProperties(
    File mixture,
    File base,
    @DefaultValue("f32") WeightFormat weightFormat,
    Integer contextLength,
    @DefaultValue("ridge") RouterKind router,
    @DefaultValue("sequence") RoutingMode routingMode,
    Double abstentionThreshold,
    @DefaultValue("1") int mixedAdapters,
    Integer routingStates,
    DataSize adapterMemory,
    DataSize cacheMemory,
    @DefaultValue("256MB") DataSize prefixMemory,
    @DefaultValue("1024") int queueLimit,
    @DefaultValue("30s") Duration closePatience,
    @DefaultValue("90s") Duration exitPatience,
    @DefaultValue @NestedConfigurationProperty MoaChatProperties chat) {

  /** Checks what would otherwise be found out by the first question, or by the end. */
  public MoaProperties {
    if (mixture != null && mixture.getPath().isEmpty()) {
      throw new IllegalArgumentException(
          "moa.mixture is empty: name the directory of the mixture, or leave the property out");
    }
    if (closePatience.isNegative()) {
      throw new IllegalArgumentException(
          "moa.close-patience is " + closePatience + ", and must not be negative");
    }
    try {
      var unused = chat.options().generation();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "A property of moa.chat is out of its range: " + e.getMessage()); // Boot tells the root
    }
  }

  /** Starts to open the mixture. */
  MixtureBuilder builder() {
    MixtureBuilder builder =
        MixtureOfLoras.builder(mixture.toPath())
            .weightFormat(weightFormat)
            .router(router)
            .routingMode(routingMode)
            .mixedAdapters(mixedAdapters)
            .prefixMemoryBudget(prefixMemory.toBytes())
            .queueLimit(queueLimit)
            .exitPatience(exitPatience);
    Optional.ofNullable(base).map(File::toPath).ifPresent(builder::base);
    Optional.ofNullable(contextLength).ifPresent(builder::contextLength);
    Optional.ofNullable(abstentionThreshold).ifPresent(builder::abstentionThreshold);
    Optional.ofNullable(routingStates).ifPresent(builder::routingStates);
    Optional.ofNullable(adapterMemory)
        .map(DataSize::toBytes)
        .ifPresent(builder::adapterMemoryBudget);
    Optional.ofNullable(cacheMemory).map(DataSize::toBytes).ifPresent(builder::cacheMemoryBudget);
    return builder;
  }
}
