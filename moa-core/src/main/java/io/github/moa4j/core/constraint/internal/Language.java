package io.github.moa4j.core.constraint.internal;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** A set of texts, which writes itself into a graph as the ways from one node to another. */
@FunctionalInterface
public interface Language {

  /** The empty text alone. */
  Language EMPTY = (graph, from, to) -> graph.skip(from, to);

  /** No text. */
  Language NOTHING = (graph, from, to) -> {};

  /** Adds the ways. */
  void write(Graph graph, int from, int to);

  /** One text, in UTF-8. */
  static Language text(String text) {
    return texts(List.of(text));
  }

  /** Any of some texts, in UTF-8; what begins alike is written once. */
  static Language texts(List<String> texts) {
    return (graph, from, to) -> {
      Map<Long, Integer> nodes = new HashMap<>(); // by the node before and the byte
      for (String text : new LinkedHashSet<>(texts)) {
        int at = from;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
          int label = b & 0xFF;
          long key = (long) at << 8 | label;
          Integer next = nodes.get(key);
          if (next == null) {
            next = graph.node();
            graph.bytes(at, label, label, next);
            nodes.put(key, next);
          }
          at = next;
        }
        graph.skip(at, to);
      }
    };
  }

  /** One after the other. */
  static Language sequence(List<Language> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return (graph, from, to) -> {
      int at = from;
      for (Language part : parts) {
        int next = graph.node();
        part.write(graph, at, next);
        at = next;
      }
      graph.skip(at, to);
    };
  }

  /** One after the other. */
  static Language sequence(Language... parts) {
    return sequence(List.of(parts));
  }

  /** Any of them. */
  static Language anyOf(List<Language> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    if (!parts.isEmpty() && parts.stream().allMatch(CharacterLanguage.class::isInstance)) {
      return anyCharacter(parts.stream().map(CharacterLanguage.class::cast).toList());
    }
    return (graph, from, to) -> parts.forEach(part -> part.write(graph, from, to));
  }

  private static Language anyCharacter(List<CharacterLanguage> parts) {
    return parts.stream()
        .map(CharacterLanguage::characters)
        .reduce(Characters::or)
        .orElseThrow()
        .language(parts.get(0).inJson());
  }

  /** This one so many times; {@code most} is negative for any number. */
  default Language repeated(int least, int most) {
    boolean few = most >= 0 ? most <= 3 : least <= 1;
    return (graph, from, to) -> {
      if (few || graph.isFlat()) {
        copies(least, most).write(graph, from, to);
      } else {
        Graph.Rule rule = graph.rule();
        write(graph, rule.entry(), rule.exit());
        graph.call(from, rule, least, most, to);
      }
    };
  }

  /** The same, with a copy for each time. */
  default Language copies(int least, int most) {
    return (graph, from, to) -> {
      int at = graph.node();
      int before = at; // the last that there must be
      graph.skip(from, at);
      for (int i = 0; i < least; i++) {
        int next = graph.node();
        write(graph, at, next);
        before = at;
        at = next;
      }
      for (int i = least; i < most; i++) {
        graph.skip(at, to);
        int next = graph.node();
        write(graph, at, next);
        at = next;
      }
      if (most < 0) {
        int end = graph.node();
        write(graph, at, end);
        graph.skip(end, at);
        if (this instanceof CharacterLanguage one) {
          graph.repeats(before, one, at);
          graph.repeats(at, one, at);
        }
      }
      graph.skip(at, to);
    };
  }

  /** The texts that are in this one and in another; neither may call rules of its own. */
  default Language and(Language other) {
    return (graph, from, to) -> graph.product(Graph.flat(this), Graph.flat(other), from, to);
  }
}
