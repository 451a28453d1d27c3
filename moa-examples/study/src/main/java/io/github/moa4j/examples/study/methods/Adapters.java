package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.BaseModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A loaded adapter a domain. Owns their native memory. */
public final class Adapters implements AutoCloseable {

  private final Map<String, AppliedLora> weights = new LinkedHashMap<>();

  public Adapters(BaseModel model, List<String> domains, List<LoraAdapter> adapters) {
    for (int i = 0; i < domains.size(); i++) {
      weights.put(domains.get(i), model.load(adapters.get(i)));
    }
  }

  public AppliedLora of(String domain) {
    return weights.get(domain);
  }

  public Map<String, AppliedLora> all() {
    return Collections.unmodifiableMap(weights);
  }

  @Override
  public void close() {
    weights.values().forEach(AppliedLora::close);
  }
}
