package io.github.moa4j.core.constraint.internal;

/**
 * Of some texts in JSON strings, which call no rules of their own, those with so many characters.
 *
 * @param most negative for any number
 */
record LimitedText(Language texts, int least, int most) implements Language {

  @Override
  public void write(Graph graph, int from, int to) {
    if (graph.isFlat()) {
      Language any = Characters.ALL.language(true).repeated(least, most);
      texts.and(any).write(graph, from, to);
    } else {
      graph.limited(Graph.flat(texts), least, most, from, to);
    }
  }
}
