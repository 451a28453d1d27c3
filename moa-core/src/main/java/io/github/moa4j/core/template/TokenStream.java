package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tokens of a template, read one by one with a look ahead. */
final class TokenStream {

  private static final int DEPTH = 60;

  private final List<Token> tokens;
  private int position;
  private int depth;
  private Set<String> namesRead = new HashSet<>();

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  /** The token {@code ahead} of the next one. */
  Token peek(int ahead) {
    return tokens.get(Math.min(position + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = peek();
    if (token.kind() != Kind.END) {
      position++;
    }
    return token;
  }

  /** Goes into an expression or tag within another; the parser's own stack is not without end. */
  void enter() {
    if (++depth > DEPTH) {
      throw TemplateException.syntax(
          line(), "expressions or tags are nested more than " + DEPTH + " levels deep");
    }
  }

  void leave() {
    depth--;
  }

  /** Notes that the value of a name is asked for. */
  void read(String name) {
    namesRead.add(name);
  }

  /** Begins to collect the names asked for anew, and gives those collected before. */
  Set<String> collectNames() {
    Set<String> before = namesRead;
    namesRead = new HashSet<>();
    return before;
  }

  /** Ends what {@link #collectNames} began: gives the names, which go to those before as well. */
  Set<String> collected(Set<String> before) {
    Set<String> names = namesRead;
    before.addAll(names);
    namesRead = before;
    return names;
  }

  int line() {
    return peek().line();
  }

  boolean isOperator(String text) {
    return peek().is(Kind.OPERATOR, text);
  }

  boolean isName(String text) {
    return peek().is(Kind.NAME, text);
  }

  /** Takes the operator if it is the next token. */
  boolean takeOperator(String text) {
    if (isOperator(text)) {
      position++;
      return true;
    }
    return false;
  }

  /** Takes the word if it is the next token. */
  boolean takeName(String text) {
    if (isName(text)) {
      position++;
      return true;
    }
    return false;
  }

  void expectOperator(String text) {
    if (!takeOperator(text)) {
      throw unexpected("'" + text + "'");
    }
  }

  void expectWord(String text) {
    if (!takeName(text)) {
      throw unexpected("'" + text + "'");
    }
  }

  String expectName() {
    if (peek().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void expect(Kind kind) {
    if (peek().kind() != kind) {
      throw unexpected(new Token(kind, "", 0).describe());
    }
    next();
  }

  TemplateException unexpected(String expected) {
    return TemplateException.syntax(
        line(), "expected " + expected + ", found " + peek().describe());
  }
}
