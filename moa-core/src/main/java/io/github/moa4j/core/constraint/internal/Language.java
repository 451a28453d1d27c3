package io.github.moa4j.core.constraint.internal;

import java.util.List;

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
    return (graph, from, to) -> {
      int at = from;
      int[] characters = text.codePoints().toArray();
      for (int character : characters) {
        int next = graph.node();
        graph.characters(at, character, character, next);
        at = next;
      }
      graph.skip(at, to);
    };
  }

  /** One after the other. */
  static Language sequence(List<Language> parts) {
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
    return (graph, from, to) -> parts.forEach(part -> part.write(graph, from, to));
  }

  /** This one so many times; {@code most} is negative for any number. */
  default Language repeated(int least, int most) {
    return (graph, from, to) -> {
      int at = graph.node();
      graph.skip(from, at);
      for (int i = 0; i < least; i++) {
        int next = graph.node();
        write(graph, at, next);
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
      }
      graph.skip(at, to);
    };
  }

  /** The texts that are in this one and in another; neither may call rules. */
  default Language and(Language other) {
    return (graph, from, to) -> graph.product(Graph.of(this), Graph.of(other), from, to);
  }
}
