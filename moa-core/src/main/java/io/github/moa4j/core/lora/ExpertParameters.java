package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.files.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

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
          "base_model\\.model\\.(model\\.layers\\.\\d{1,4}\\.mlp\\.experts)((?:\\.base_layer){0,2})"
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
    AdapterCheck.checkType(key, tensor);
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
    List<HostTensor> shares =
        isA ? rows(tensor, experts, rank, other) : columns(tensor, experts, rank, other);
    for (int expert = 0; expert < experts; expert++) {
      String share = LoraAdapter.key(DecoderLayout.share(parameter, expert), part);
      if (tensors.put(share, shares.get(expert)) != null) {
        throw new AdapterException("The adapter holds " + key + " twice.");
      }
    }
  }

  private static List<HostTensor> rows(HostTensor a, int experts, int rank, int in) {
    int bytes = rank * in * a.dataType().bytes();
    long[] shape = {rank, in};
    return IntStream.range(0, experts)
        .mapToObj(e -> new HostTensor(a.dataType(), shape, a.data().slice(e * bytes, bytes)))
        .toList();
  }

  private static List<HostTensor> columns(HostTensor b, int experts, int rank, int out) {
    List<ByteBuffer> shares = new ArrayList<>();
    for (int expert = 0; expert < experts; expert++) {
      shares.add(ByteBuffer.allocate(out * rank * b.dataType().bytes()));
    }
    ByteBuffer all = b.data().order(ByteOrder.BIG_ENDIAN); // as the shares: bytes are copied
    boolean wide = b.dataType().bytes() == Float.BYTES;
    while (all.hasRemaining()) {
      for (ByteBuffer share : shares) {
        move(all, share, wide);
      }
    }
    long[] shape = {out, rank};
    return shares.stream().map(own -> new HostTensor(b.dataType(), shape, own.flip())).toList();
  }

  /** One element, of four bytes or of two. */
  private static void move(ByteBuffer from, ByteBuffer to, boolean wide) {
    if (wide) {
      to.putInt(from.getInt());
    } else {
      to.putShort(from.getShort());
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
    List<ByteBuffer> shares =
        factors.stream().map(share -> share.data().order(ByteOrder.BIG_ENDIAN)).toList();
    ByteBuffer all =
        ByteBuffer.allocate(Math.multiplyExact(factors.size(), first.data().remaining()));
    boolean wide = first.dataType().bytes() == Float.BYTES;
    while (all.hasRemaining()) {
      for (ByteBuffer share : shares) {
        move(share, all, wide);
      }
    }
    long[] shape = {first.shape()[0], first.shape()[1] * factors.size()};
    return new HostTensor(first.dataType(), shape, all.flip());
  }
}
