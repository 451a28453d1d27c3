package io.github.moa4j.core.generation;

import io.github.moa4j.core.text.IncrementalDetokenizer;
import io.github.moa4j.core.text.TextTokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/** The state of one answer while it is generated. */
final class AnswerRow {

  private final GenerationRequest request;
  private final Sampler sampler;
  private final StopStrings stopStrings;
  private final IncrementalDetokenizer detokenizer;
  private final Set<Integer> endTokens;
  private final int maxTokens;
  private final StringBuilder text = new StringBuilder();
  private final long start = System.nanoTime();
  private int[] tokens = new int[16];
  private int count;
  private long firstToken;
  private long end;
  private StopReason stopReason;

  AnswerRow(
      GenerationRequest request,
      TextTokenizer tokenizer,
      Set<Integer> endTokens,
      int vocabSize,
      int context) {
    this.request = request;
    this.sampler = new Sampler(request.options(), request.prompt(), vocabSize);
    this.stopStrings = new StopStrings(request.options().stopStrings());
    this.detokenizer = tokenizer.detokenizer();
    this.endTokens = endTokens;
    this.maxTokens = Math.min(request.options().maxNewTokens(), context - request.prompt().length);
  }

  GenerationRequest request() {
    return request;
  }

  boolean finished() {
    return stopReason != null;
  }

  int lastToken() {
    return tokens[count - 1];
  }

  /** Number of tokens that may still be generated. */
  int remaining() {
    return finished() ? 0 : maxTokens - count;
  }

  /** Chooses its tokens. */
  Sampler sampler() {
    return sampler;
  }

  /**
   * Takes the next token.
   *
   * @return text that has become certain, possibly empty
   */
  String advance(int token) {
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    if (count == 1) {
      firstToken = System.nanoTime();
    }
    if (endTokens.contains(token) || request.options().stopTokens().contains(token)) {
      return finish(StopReason.END_TOKEN);
    }
    String certain = stopStrings.accept(detokenizer.accept(token));
    text.append(certain);
    if (stopStrings.found()) {
      finish(StopReason.STOP_STRING);
    } else if (count == request.options().maxNewTokens()) {
      return certain + finish(StopReason.MAX_NEW_TOKENS);
    } else if (count == maxTokens) {
      return certain + finish(StopReason.CONTEXT_FULL);
    }
    return certain;
  }

  /** Ends the answer and returns the text that was still held back. */
  String finish(StopReason reason) {
    stopReason = reason;
    end = System.nanoTime();
    if (reason == StopReason.STOP_STRING) {
      return "";
    }
    String rest = stopStrings.accept(detokenizer.finish());
    if (!stopStrings.found()) {
      rest += stopStrings.finish();
    }
    text.append(rest);
    return rest;
  }

  GenerationResult result() {
    return new GenerationResult(
        text.toString(),
        Arrays.copyOf(tokens, count),
        stopReason,
        request.prompt().length,
        Duration.ofNanos((count > 0 ? firstToken : end) - start),
        Duration.ofNanos(count > 0 ? end - firstToken : 0));
  }
}
