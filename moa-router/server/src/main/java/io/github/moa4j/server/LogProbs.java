package io.github.moa4j.server;

import io.github.moa4j.core.generation.GenerationResult.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The log probabilities of one answer's tokens as OpenAI's clients expect them. Tokens that add
 * nothing to the text, such as the one that ends it, are not among them. Not thread-safe.
 */
final class LogProbs {

  private final ReplyFormat format;
  private int characters; // of the tokens that have been told

  LogProbs(ReplyFormat format) {
    this.format = format;
  }

  /** Tells of the next tokens. */
  Map<String, Object> of(List<Token> tokens) {
    List<Token> said = tokens.stream().filter(token -> token.bytes().length > 0).toList();
    return format == ReplyFormat.CHAT ? chat(said) : text(said);
  }

  private static Map<String, Object> chat(List<Token> tokens) {
    List<Map<String, Object>> content = new ArrayList<>();
    for (Token token : tokens) {
      Map<String, Object> told = told(token);
      told.put("top_logprobs", token.best().stream().map(LogProbs::told).toList());
      content.add(told);
    }
    Map<String, Object> logProbs = new LinkedHashMap<>();
    logProbs.put("content", content);
    logProbs.put("refusal", null);
    return logProbs;
  }

  private static Map<String, Object> told(Token token) {
    List<Integer> bytes = new ArrayList<>();
    for (byte b : token.bytes()) {
      bytes.add(b & 0xFF);
    }
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("token", token.text());
    told.put("logprob", token.logProbability());
    told.put("bytes", bytes.isEmpty() ? null : bytes);
    return told;
  }

  private Map<String, Object> text(List<Token> tokens) {
    List<String> texts = new ArrayList<>();
    List<Double> chosen = new ArrayList<>();
    List<Map<String, Double>> best = new ArrayList<>();
    List<Integer> offsets = new ArrayList<>();
    for (Token token : tokens) {
      texts.add(name(token));
      chosen.add(token.logProbability());
      Map<String, Double> odds = new LinkedHashMap<>();
      token.best().forEach(other -> odds.putIfAbsent(name(other), other.logProbability()));
      odds.putIfAbsent(name(token), token.logProbability());
      best.add(odds);
      offsets.add(characters);
      characters += begun(token.bytes());
    }
    Map<String, Object> logProbs = new LinkedHashMap<>();
    logProbs.put("tokens", texts);
    logProbs.put("token_logprobs", chosen);
    logProbs.put("top_logprobs", best);
    logProbs.put("text_offset", offsets);
    return logProbs;
  }

  /** Its text; of a part of a character its bytes, so that no two tokens look alike. */
  private static String name(Token token) {
    if (token.bytes().length == 0
        || Arrays.equals(token.text().getBytes(StandardCharsets.UTF_8), token.bytes())) {
      return token.text();
    }
    StringBuilder name = new StringBuilder("bytes:");
    for (byte b : token.bytes()) {
      name.append(String.format("\\x%02x", b & 0xFF));
    }
    return name.toString();
  }

  /** How many characters begin in bytes of UTF-8. */
  private static int begun(byte[] bytes) {
    int characters = 0;
    for (byte b : bytes) {
      characters += (b & 0xC0) == 0x80 ? 0 : 1;
    }
    return characters;
  }
}
