package io.github.moa4j.examples.study.report.records;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies of maps whose order is part of what they say. */
final class Ordered {

  private Ordered() {}

  static <K, V> Map<K, V> copy(Map<K, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
