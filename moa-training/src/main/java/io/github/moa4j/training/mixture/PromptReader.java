package io.github.moa4j.training.mixture;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RoutingText;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.GeneralStatistics;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads the prompts that teach the routers a domain: what the base sees of each, in batches. */
final class PromptReader {

  private static final int BATCH_SIZE = 16;
  private static final int MOST_KINDS = 12; // of text of no domain
  private static final int FEWEST_OF_A_KIND = 40; // texts
  private static final int HOLD_OUT_EVERY = 8;
  private static final int MOST_HELD_OUT = 64; // texts of no domain

  private final BaseModel base;
  private final ExampleEncoder encoder;
  private final MixtureTrainingSettings settings;

  /** Of text of no domain; null until it is encoded; guarded by this. */
  private List<List<int[]>> kinds;

  private Optional<GeneralStatistics> general; // null until it is read; guarded by this

  PromptReader(BaseModel base, ExampleEncoder encoder, MixtureTrainingSettings settings) {
    this.base = base;
    this.encoder = encoder;
    this.settings = settings;
  }

  /**
   * Prompts as tokens, in the order of {@link RouterPrompts}.
   *
   * @param heldOutAsWritten how many are held out as they are written
   * @param further prompts of which tokens alone are counted
   */
  record Encoded(List<int[]> prompts, int heldOutAsWritten, List<int[]> further) {}

  /**
   * Encodes the prompts, disturbed ones included.
   *
   * @throws DatasetException if one is longer than the base's context
   */
  Encoded encode(String domain, List<Example> examples) {
    RouterPrompts chosen = RouterPrompts.of(examples, settings);
    List<int[]> further =
        chosen.further(examples, settings).stream().map(encoder::encodePrompt).toList();
    return new Encoded(encode(domain, chosen), chosen.heldOutAsWritten(), further);
  }

  /**
   * Encodes whole conversations, as routers read them layer by layer.
   *
   * @throws DatasetException if one is longer than the base's context
   */
  List<int[]> encodeConversations(String domain, List<Example> examples) {
    return encode(domain, RouterPrompts.ofConversations(examples, settings));
  }

  private List<int[]> encode(String domain, RouterPrompts chosen) {
    List<int[]> prompts = chosen.prompts().stream().map(encoder::encodePrompt).toList();
    int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    if (longest > base.contextLength()) {
      throw new DatasetException(
          ("Domain '%s' has a prompt of %d tokens, but the base takes %d; lower maxPromptTokens,"
                  + " which is %d")
              .formatted(domain, longest, base.contextLength(), settings.maxPromptTokens()));
    }
    return prompts;
  }

  /** Returns what routers learn of texts of no domain; read once, however many domains come. */
  synchronized Optional<GeneralStatistics> general() {
    if (general == null) {
      general = readGeneral();
    }
    return general;
  }

  private Optional<GeneralStatistics> readGeneral() {
    List<List<int[]>> kinds = kinds();
    return kinds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            GeneralStatistics.of(
                kinds.stream().map(kind -> readKind(kind, kinds.size())).toList()));
  }

  /** The tokens of texts of no domain: of those that are held out, or of the others. */
  private synchronized List<int[]> texts(boolean heldOut) {
    List<int[]> texts = new ArrayList<>();
    for (List<int[]> kind : kinds()) {
      int stride = stride(kind, kinds.size());
      for (int i = 0; i < kind.size(); i++) {
        if (holdsOut(i, stride) == heldOut) {
          texts.add(kind.get(i));
        }
      }
    }
    return texts;
  }

  private List<List<int[]>> kinds() {
    if (kinds == null) {
      kinds = encodeKinds();
    }
    return kinds;
  }

  /** The kinds are the sources, each in pieces of like length: a few words are unlike a page. */
  private List<List<int[]>> encodeKinds() {
    List<List<String>> given = settings.generalText();
    List<List<String>> apart =
        given.size() <= MOST_KINDS ? given : List.of(given.stream().flatMap(List::stream).toList());
    List<List<int[]>> sources =
        apart.stream().map(this::encodeTexts).filter(texts -> !texts.isEmpty()).toList();
    int lengths = MOST_KINDS / Math.max(1, sources.size());
    List<List<int[]>> kinds = new ArrayList<>();
    for (List<int[]> texts : sources) {
      int parts = Math.max(1, Math.min(lengths, texts.size() / FEWEST_OF_A_KIND));
      for (int part = 0; part < parts; part++) {
        kinds.add(texts.subList(texts.size() * part / parts, texts.size() * (part + 1) / parts));
      }
    }
    return kinds;
  }

  /** Returns prompts, the shortest first. */
  private List<int[]> encodeTexts(List<String> texts) {
    return texts.stream()
        .filter(text -> !RoutingText.isBlank(text))
        .map(text -> encoder.encodePrompt(Example.of(RoutingText.of(text), "none")))
        .sorted(Comparator.comparingInt(prompt -> prompt.length))
        .toList();
  }

  private static int stride(List<int[]> prompts, int kinds) {
    return Math.max(HOLD_OUT_EVERY, kinds * prompts.size() / MOST_HELD_OUT);
  }

  private static boolean holdsOut(int text, int stride) {
    return text % stride == stride - 1;
  }

  /** Of all kinds together as many texts are held out as of a domain. */
  private DomainStatistics readKind(List<int[]> prompts, int kinds) {
    List<PromptStates> states = states(prompts);
    int stride = stride(prompts, kinds);
    List<PromptStates> learnt = new ArrayList<>();
    List<PromptStates> heldOut = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      (holdsOut(i, stride) ? heldOut : learnt).add(states.get(i));
    }
    DomainStatistics statistics = empty(RouterDomains.NONE_OF_THESE);
    statistics.add(learnt, heldOut, heldOut.size());
    return statistics;
  }

  private DomainStatistics empty(String domain) {
    int hiddenSize = base.config().hiddenSize();
    Pooling pooling = settings.layerwise().pooling(hiddenSize);
    List<Integer> used =
        DomainStatistics.evenlySpacedStates(
            base.config().numHiddenLayers() + 1, pooling.width(hiddenSize));
    return DomainStatistics.empty(domain, pooling, used, hiddenSize);
  }

  /** Runs prompts in batches of similar length; the states come in the order of the prompts. */
  DomainPrompts read(String domain, Encoded encoded) {
    DomainStatistics statistics = empty(domain);
    List<PromptStates> states = states(encoded.prompts());
    List<PromptStates> learnt = new ArrayList<>();
    List<PromptStates> heldOut = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      (DomainStatistics.holdsOut(i) ? heldOut : learnt).add(states.get(i));
    }
    statistics.add(learnt, heldOut, encoded.heldOutAsWritten());
    statistics.countTokens(encoded.further());
    List<int[]> texts = texts(false);
    if (!texts.isEmpty()) {
      statistics.tellApart(
          Stream.concat(
                  IntStream.range(0, states.size())
                      .filter(i -> !DomainStatistics.holdsOut(i))
                      .mapToObj(encoded.prompts()::get),
                  encoded.further().stream())
              .toList(),
          texts,
          texts(true));
    }
    return new DomainPrompts(domain, states, statistics);
  }

  private List<PromptStates> states(List<int[]> prompts) {
    List<Integer> byLength =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
            .toList();
    PromptStates[] states = new PromptStates[prompts.size()];
    for (int start = 0; start < states.length; start += BATCH_SIZE) {
      List<Integer> batch = byLength.subList(start, Math.min(states.length, start + BATCH_SIZE));
      List<PromptStates> found = base.promptStates(batch.stream().map(prompts::get).toList());
      for (int i = 0; i < batch.size(); i++) {
        states[batch.get(i)] = found.get(i);
      }
    }
    return List.of(states);
  }
}
