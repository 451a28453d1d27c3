package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.List;

/** The tokens of a template, read one by one with a look ahead. */
final class TokenStream {

  private final List<Token> tokens;
  private int position;

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
