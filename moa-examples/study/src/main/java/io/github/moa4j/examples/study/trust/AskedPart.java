package io.github.moa4j.examples.study.trust;

import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Prompts to measure on, as many of each domain.
 *
 * @param title which ones
 * @param asked by domain; of a small domain there may be fewer, or none
 */
public record AskedPart(String title, Map<String, List<Example>> asked) {

  /**
   * Takes a part of the examples of each domain.
   *
   * @param examples of a domain
   * @param skip how many come before
   * @param count how many to take, if there are as many
   */
  public static AskedPart of(
      List<Domain> domains, Function<Domain, List<Example>> examples, int skip, int count) {
    Map<String, List<Example>> asked = new LinkedHashMap<>();
    for (Domain domain : domains) {
      asked.put(domain.name(), examples.apply(domain).stream().skip(skip).limit(count).toList());
    }
    return new AskedPart("from %d on".formatted(skip + 1), asked);
  }
}
