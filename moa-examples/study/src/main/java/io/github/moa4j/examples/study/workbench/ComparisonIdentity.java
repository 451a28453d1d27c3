package io.github.moa4j.examples.study.workbench;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a comparison's stored parts belong to: parts of other settings, data or base must not be
 * mixed in when a run goes on.
 *
 * @param base fingerprint
 * @param precision what the base computes in
 * @param inputs the settings by name, and the size and the hash of each domain
 */
public record ComparisonIdentity(String base, WeightFormat precision, Map<String, String> inputs) {

  private static final String PART = "comparison";

  static ComparisonIdentity of(BaseModel model, List<Domain> domains, ComparisonSettings settings) {
    Map<String, String> inputs = new TreeMap<>(settings.shown());
    for (Domain domain : domains) {
      inputs.put(
          "domain " + domain.name(),
          "%d training and %d validation examples, %s"
              .formatted(domain.train().size(), domain.validation().size(), hash(domain)));
    }
    return new ComparisonIdentity(model.fingerprint(), model.weightFormat(), inputs);
  }

  private static String hash(Domain domain) {
    MessageDigest digest = Sha256.newDigest();
    for (Example example : domain.train()) {
      digest.update(example.toString().getBytes(StandardCharsets.UTF_8));
    }
    for (Example example : domain.validation()) {
      digest.update(example.toString().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /** Reads that of an output folder, if it holds a comparison. */
  public static Optional<ComparisonIdentity> stored(Path parts) {
    return Files.exists(parts)
        ? new ResultStore(parts).find(PART, ComparisonIdentity.class)
        : Optional.empty();
  }

  /**
   * Stores this beside the parts, or checks it against what is stored there.
   *
   * @throws MoaException saying what differs
   */
  void claim(ResultStore store) {
    ComparisonIdentity found = store.computeIfAbsent(PART, ComparisonIdentity.class, () -> this);
    if (!found.equals(this)) {
      throw new MoaException(
          "The output folder holds results of another comparison: "
              + differences(found)
              + ". Name another folder, or delete that one.");
    }
  }

  private String differences(ComparisonIdentity found) {
    Map<String, String> own = named();
    Map<String, String> other = found.named();
    TreeSet<String> names = new TreeSet<>(own.keySet());
    names.addAll(other.keySet());
    return names.stream()
        .filter(name -> !Objects.equals(own.get(name), other.get(name)))
        .map(name -> "%s: %s there, %s now".formatted(name, other.get(name), own.get(name)))
        .collect(Collectors.joining("; "));
  }

  private Map<String, String> named() {
    Map<String, String> named = new TreeMap<>(inputs);
    named.put("base", base);
    named.put("precision", precision.name());
    return named;
  }
}
