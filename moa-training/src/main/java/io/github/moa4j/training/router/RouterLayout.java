package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the states that all domains can give. */
final class RouterLayout {

  private RouterLayout() {}

  static List<Integer> states(List<DomainRows> domains, LayerwiseRouterSettings settings) {
    requireDistinct(domains);
    List<Integer> wanted = settings.states();
    if (wanted.isEmpty()) {
      wanted =
          domains.get(0).states().stream()
              .filter(state -> domains.stream().allMatch(d -> d.states().contains(state)))
              .toList();
    }
    if (wanted.isEmpty()) {
      throw new RouterException(
          "The domains' statistics and prompts have no state in common. Collect them with the"
              + " same settings.");
    }
    for (DomainRows domain : domains) {
      if (!domain.states().containsAll(wanted)) {
        throw new RouterException(
            "The router shall read the states "
                + wanted
                + ", but domain '"
                + domain.domain()
                + "' has "
                + domain.states()
                + ".");
      }
    }
    return wanted;
  }

  static int width(List<DomainRows> domains) {
    int width = domains.get(0).width();
    for (DomainRows domain : domains) {
      if (domain.width() != width) {
        throw new RouterException(
            "Domain '"
                + domains.get(0).domain()
                + "' has states of width "
                + width
                + ", domain '"
                + domain.domain()
                + "' of width "
                + domain.width()
                + ". Take all from one base.");
      }
    }
    return width;
  }

  static Pooling pooling(List<DomainRows> domains) {
    Pooling pooling = domains.get(0).pooling();
    for (DomainRows domain : domains) {
      if (domain.pooling() != pooling) {
        throw new RouterException(
            "Domain '%s' has %s-pooled states, domain '%s' %s-pooled ones. Give the settings the pooling of the domains that are there."
                .formatted(domains.get(0).domain(), pooling, domain.domain(), domain.pooling()));
      }
    }
    return pooling;
  }

  private static void requireDistinct(List<DomainRows> domains) {
    if (domains.isEmpty()) {
      throw new RouterException("A router needs at least one domain to train on.");
    }
    Set<String> names = new HashSet<>();
    for (DomainRows domain : domains) {
      if (!names.add(domain.domain())) {
        throw new RouterException(
            "Domain '" + domain.domain() + "' was given twice. Give each domain once.");
      }
    }
  }
}
