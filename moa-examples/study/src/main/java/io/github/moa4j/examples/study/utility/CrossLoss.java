package io.github.moa4j.examples.study.utility;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the reference answer of an example costs under each adapter.
 *
 * @param domain of the example
 * @param index of the example, among the training or validation examples of its domain
 * @param learnt whether it is a training example, from which routers learn
 * @param tokens of the answer
 * @param sums of the loss over these, by adapter; that of the base alone is {@link #BASE}
 */
public record CrossLoss(
    String domain, int index, boolean learnt, long tokens, Map<String, Double> sums) {

  /** Stands among the adapters for the base alone. */
  public static final String BASE = "(base)";

  /** Reads what {@link #write} wrote. */
  public static List<CrossLoss> read(Path file) {
    return JsonObject.read(file, MoaException::new).objects("losses").stream()
        .map(CrossLoss::of)
        .toList();
  }

  private static CrossLoss of(JsonObject json) {
    Map<String, Double> sums = new LinkedHashMap<>();
    JsonObject stored = json.object("sums");
    stored.keys().forEach(adapter -> sums.put(adapter, stored.number(adapter)));
    return new CrossLoss(
        json.text("domain"),
        json.integer("index", 0),
        json.bool("learnt"),
        json.longInteger("tokens", 1),
        sums);
  }

  /** Writes losses into a file, as they take long to measure. */
  public static void write(List<CrossLoss> losses, Path file) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (CrossLoss loss : losses) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("domain", loss.domain);
      json.put("index", loss.index);
      json.put("learnt", loss.learnt);
      json.put("tokens", loss.tokens);
      json.put("sums", loss.sums);
      all.add(json);
    }
    AtomicFile.write(file, Json.pretty(Map.of("losses", all)), MoaException::new);
  }

  /** The adapter under which the answer costs least, of some. */
  String cheapest(List<String> adapters) {
    String best = adapters.get(0);
    for (String adapter : adapters) {
      best = sums.get(adapter) < sums.get(best) ? adapter : best;
    }
    return best;
  }
}
