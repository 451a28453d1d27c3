package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.files.Failure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How PEFT files the factors of parameters that hold all experts of a layer: A [experts · rank, in]
 * expert by expert, B [out, rank · experts] rank by rank. Each parameter has a wrapper around the
 * module {@code mlp.experts}, so the key tells by the number of its {@code base_layer} which of the
 * parameters of that layer it means; the outermost is the last.
 */
final class ExpertParameters {

  private static final String INNER = ".base_layer";
  private static final Pattern FILED =
      Pattern.compile(
          "base_model\\.model\\.(model\\.layers\\.\\d{1,4}\\.mlp\\.experts)((?:\\.base_layer)*)"
              + "\\.lora_([AB])\\.weight");
  private static final Pattern SHARE =
      Pattern.compile(
          "base_model\\.model\\.(model\\.layers\\.\\d{1,4}\\.mlp\\.experts)\\.([a-z_]+)\\[(\\d+)]"
              + "\\.lora_([AB])\\.weight");

  /** In the order in which PEFT wraps them. */
  private static final List<String> PARAMETERS = List.of("gate_up_proj", "down_proj");

  private static final int MOST_EXPERTS = 100_000;

  private ExpertParameters() {}

  /**
   * Takes the factors of parameters apart, one map of one expert each; other tensors stay.
   *
   * @throws AdapterException if such a tensor belongs to no target parameter, or has not the rank
   *     that the configuration gives it
   */
  static Map<String, HostTensor> apart(Map<String, HostTensor> file, PeftConfig config) {
    Map<String, String> parameters = new LinkedHashMap<>(); // by key
    for (String key : file.keySet()) {
      Matcher matcher = FILED.matcher(key);
      if (matcher.matches()) {
        parameters.put(key, parameter(matcher, config.targets()));
      } else if (key.endsWith("].lora_A.weight") || key.endsWith("].lora_B.weight")) {
        throw new AdapterException("The tensor " + Failure.quote(key) + " is none of PEFT's.");
      }
    }
    Map<String, Integer> ranks = config.ranks(parameters.values());
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    file.forEach(
        (key, tensor) -> {
          String parameter = parameters.get(key);
          if (parameter == null) {
            tensors.put(key, tensor);
          } else {
            boolean isA = key.endsWith("lora_A.weight");
            addShares(tensors, key, tensor, parameter, ranks.get(parameter), isA);
          }
        });
    return tensors;
  }

  /** The path of the parameter that a key means. */
  private static String parameter(Matcher key, PeftTargets targets) {
    List<String> wrapped =
        PARAMETERS.stream()
            .map(name -> key.group(1) + "." + name)
            .filter(targets::haveParameter)
            .toList();
    int place = wrapped.size() - 1 - key.group(2).length() / INNER.length();
    if (place < 0) {
      throw new AdapterException(
          "The tensor "
              + key.group()
              + " belongs to none of the target parameters "
              + Failure.quote(targets.parameters().toString())
              + " of the adapter's configuration.");
    }
    return wrapped.get(place);
  }

  private static void addShares(
      Map<String, HostTensor> tensors,
      String key,
      HostTensor tensor,
      String parameter,
      int rank,
      boolean isA) {
    long[] shape = tensor.shape();
    long all = shape.length == 2 ? shape[isA ? 0 : 1] : 0;
    if (all == 0 || all % rank != 0 || all / rank > MOST_EXPERTS) {
      throw new AdapterException(
          key
              + " has the shape "
              + Arrays.toString(shape)
              + ", but the configuration gives "
              + parameter
              + " the rank "
              + rank
              + ", so "
              + (isA ? "[experts * " + rank + ", in]" : "[out, " + rank + " * experts]")
              + " was expected.");
    }
    int experts = Math.toIntExact(all / rank);
    int other = Math.toIntExact(shape[isA ? 1 : 0]);
    AdapterPart part = isA ? AdapterPart.LORA_A : AdapterPart.LORA_B;
    for (int expert = 0; expert < experts; expert++) {
      String share = LoraAdapter.key(DecoderLayout.share(parameter, expert), part);
      HostTensor values =
          isA ? rows(tensor, expert, rank, other) : columns(tensor, expert, experts, rank, other);
      if (tensors.put(share, values) != null) {
        throw new AdapterException("The adapter holds " + key + " twice.");
      }
    }
  }

  private static HostTensor rows(HostTensor a, int expert, int rank, int in) {
    int bytes = rank * in * a.dataType().bytes();
    ByteBuffer own = a.data().slice(expert * bytes, bytes);
    return new HostTensor(a.dataType(), new long[] {rank, in}, own);
  }

  private static HostTensor columns(HostTensor b, int expert, int experts, int rank, int out) {
    int width = b.dataType().bytes();
    ByteBuffer all = b.data();
    ByteBuffer own = ByteBuffer.allocate(out * rank * width);
    for (int i = 0; i < out * rank; i++) {
      copy(all, (i * experts + expert) * width, own, i * width, width);
    }
    return new HostTensor(b.dataType(), new long[] {out, rank}, own);
  }

  /** One element, which has two bytes or four. */
  private static void copy(ByteBuffer from, int source, ByteBuffer to, int target, int width) {
    for (int i = 0; i < width; i++) {
      to.put(target + i, from.get(source + i));
    }
  }

  /**
   * Puts the shares of each parameter together again, under the keys that PEFT gives them.
   *
   * @throws AdapterException if shares of one parameter are missing, or differ in shape or type
   */
  static Map<String, HostTensor> together(Map<String, HostTensor> tensors) {
    Map<String, HostTensor> file = new LinkedHashMap<>();
    Map<String, NavigableMap<Integer, HostTensor>> shares =
        new LinkedHashMap<>(); // by what they are of
    tensors.forEach(
        (key, tensor) -> {
          Matcher matcher = SHARE.matcher(key);
          if (matcher.matches()) {
            shares
                .computeIfAbsent(
                    matcher.group(1) + " " + matcher.group(2) + " " + matcher.group(4),
                    of -> new TreeMap<>())
                .put(Integer.valueOf(matcher.group(3)), tensor);
          } else {
            file.put(key, tensor);
          }
        });
    shares.forEach(
        (of, own) -> {
          String[] names = of.split(" ", -1);
          boolean inner =
              names[1].equals(PARAMETERS.get(0))
                  && shares.containsKey(String.join(" ", names[0], PARAMETERS.get(1), names[2]));
          String module = names[0] + (inner ? INNER : "");
          requireAlike(names[0] + "." + names[1], own);
          List<HostTensor> factors = new ArrayList<>(own.values());
          if (names[2].equals("A")) {
            file.put(LoraAdapter.key(module, AdapterPart.LORA_A), below(factors));
          } else {
            file.put(LoraAdapter.key(module, AdapterPart.LORA_B), beside(factors));
          }
        });
    return file;
  }

  private static void requireAlike(String parameter, NavigableMap<Integer, HostTensor> shares) {
    HostTensor first = shares.firstEntry().getValue();
    boolean alike =
        shares.values().stream()
            .allMatch(
                share ->
                    share.dataType() == first.dataType()
                        && Arrays.equals(share.shape(), first.shape()));
    if (!alike || shares.lastKey() != shares.size() - 1) {
      throw new AdapterException(
          "The experts "
              + shares.keySet()
              + " of "
              + parameter
              + " cannot be written as one parameter: all are needed, of one rank and type.");
    }
  }

  private static HostTensor below(List<HostTensor> factors) {
    HostTensor first = factors.get(0);
    ByteBuffer all =
        ByteBuffer.allocate(Math.multiplyExact(factors.size(), first.data().remaining()));
    factors.forEach(factor -> all.put(factor.data()));
    long[] shape = {factors.size() * first.shape()[0], first.shape()[1]};
    return new HostTensor(first.dataType(), shape, all.flip());
  }

  private static HostTensor beside(List<HostTensor> factors) {
    HostTensor first = factors.get(0);
    int width = first.dataType().bytes();
    int experts = factors.size();
    ByteBuffer all = ByteBuffer.allocate(Math.multiplyExact(experts, first.data().remaining()));
    for (int expert = 0; expert < experts; expert++) {
      ByteBuffer own = factors.get(expert).data();
      for (int i = 0; i < first.size(); i++) {
        copy(own, i * width, all, (i * experts + expert) * width, width);
      }
    }
    long[] shape = {first.shape()[0], first.shape()[1] * experts};
    return new HostTensor(first.dataType(), shape, all);
  }
}
