package io.github.moa4j.router;

import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.router.answering.internal.AnswerReports;
import io.github.moa4j.router.answering.internal.RequestGate;
import io.github.moa4j.router.monitoring.MixtureStatus;
import io.github.moa4j.router.routing.internal.QuestionRouting;
import io.github.moa4j.router.routing.internal.Trial;
import io.github.moa4j.router.routing.internal.Trials;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Gathers how a mixture is from where it is known. */
record MixtureStatusReport(
    Trials trials,
    QuestionRouting routing,
    RequestGate gate,
    TextGenerator generator,
    AnswerReports reports,
    Instant opened) {

  MixtureStatus of(MixtureOfLoras mixture) {
    AdapterRegistry registry = mixture.registry();
    TextGenerator.Load load = generator.load();
    return new MixtureStatus(
        mixture.directory().directory(),
        mixture.base().fingerprint(),
        opened,
        domains(registry),
        routing.hasRouter(),
        registry.residentBytes(),
        registry.openLeases(),
        gate.open(),
        load.waiting(),
        load.running(),
        load.cacheBytes(),
        load.prefixBytes(),
        reports.counts());
  }

  private Map<String, MixtureStatus.Domain> domains(AdapterRegistry registry) {
    Set<String> resident = registry.residentDomains();
    Map<String, MixtureStatus.Domain> domains = new TreeMap<>();
    for (String name : registry.domains()) {
      try {
        domains.put(
            name,
            new MixtureStatus.Domain(
                registry.version(name),
                trials.of(name).map(Trial::version).orElse(0),
                resident.contains(name)));
      } catch (AdapterException e) {
        // it was removed in between
      }
    }
    return domains;
  }
}
