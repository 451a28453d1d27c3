package io.github.moa4j.core.generation;

import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.constraint.internal.TokenAutomaton;
import io.github.moa4j.core.text.IncrementalDetokenizer;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.core.text.TokenBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The state of one answer while it is generated. */
final class AnswerRow {

  private final int promptTokens;
  private final GenerationOptions options;
  private final Sampler sampler;
  private final Optional<ConstrainedText> constrained;
  private final StopStrings stopStrings;
  private final IncrementalDetokenizer detokenizer;
  private final Set<Integer> endTokens;
  private final int maxTokens;
  private final StringBuilder text = new StringBuilder();
  private final TextTokenizer tokenizer;
  private final Optional<TokenBytes> bytes; // where log probabilities are asked for
  private final List<GenerationResult.Token> scored = new ArrayList<>();
  private int taken; // of the scored ones
  private int[] tokens = new int[16];
  private int count;
  private long firstToken;
  private long end;
  private StopReason stopReason;

  AnswerRow(
      int[] prompt,
      GenerationOptions options,
      TextTokenizer tokenizer,
      Set<Integer> endTokens,
      int vocabSize,
      int context,
      Optional<TokenAutomaton> automaton) {
    this.promptTokens = prompt.length;
    this.options = options;
    this.stopStrings = new StopStrings(options.stopStrings());
    this.detokenizer = tokenizer.detokenizer();
    this.endTokens = endTokens;
    this.maxTokens = Math.min(options.maxNewTokens(), context - prompt.length);
    Set<Integer> ends = new HashSet<>(endTokens);
    ends.addAll(options.stopTokens());
    this.constrained = automaton.map(allowing -> new ConstrainedText(allowing, ends, maxTokens));
    this.tokenizer = tokenizer;
    this.bytes =
        options.logProbabilities().isPresent()
            ? Optional.of(tokenizer.tokenBytes())
            : Optional.empty();
    this.sampler = new Sampler(options, prompt, vocabSize, constrained);
  }

  boolean finished() {
    return stopReason != null;
  }

  int lastToken() {
    return tokens[count - 1];
  }

  int token(int index) {
    return tokens[index];
  }

  /** Whether no token has been drawn yet. */
  boolean isEmpty() {
    return count == 0;
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
  String advance(BatchPass.Drawn drawn) {
    int token = drawn.token();
    drawn.odds().ifPresent(odds -> scored.add(scored(token, odds)));
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    if (count == 1) {
      firstToken = System.nanoTime();
    }
    if (endTokens.contains(token) || options.stopTokens().contains(token)) {
      return finish(StopReason.END_TOKEN);
    }
    constrained.ifPresent(text -> text.accept(token));
    String certain = stopStrings.accept(detokenizer.accept(token));
    text.append(certain);
    if (stopStrings.found()) {
      finish(StopReason.STOP_STRING);
    } else if (constrained.isPresent() && constrained.get().isEnd()) {
      return certain + finish(StopReason.END_TOKEN);
    } else if (count == options.maxNewTokens()) {
      return certain + finish(StopReason.MAX_NEW_TOKENS);
    } else if (count == maxTokens) {
      return certain + finish(StopReason.CONTEXT_FULL);
    }
    return certain;
  }

  private GenerationResult.Token scored(int id, TokenPicker.Odds odds) {
    List<GenerationResult.Token> best = new ArrayList<>();
    for (int i = 0; i < odds.ids().length; i++) {
      best.add(scored(odds.ids()[i], odds.best()[i], List.of()));
    }
    return scored(id, odds.chosen(), best);
  }

  private GenerationResult.Token scored(
      int id, double logProbability, List<GenerationResult.Token> best) {
    byte[] added = bytes.orElseThrow().of(id);
    String text =
        added.length > 0
            ? new String(added, StandardCharsets.UTF_8)
            : tokenizer.decode(new int[] {id}, true);
    return new GenerationResult.Token(id, text, added.clone(), logProbability, best);
  }

  /**
   * Returns the tokens that came since this was last called, if log probabilities are asked for.
   */
  List<GenerationResult.Token> takeScored() {
    List<GenerationResult.Token> recent = List.copyOf(scored.subList(taken, scored.size()));
    taken = scored.size();
    return recent;
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

  /**
   * Returns the answer that has ended.
   *
   * @param reused tokens of the prompt that had not to be run
   * @param submitted when the request came, in nanoseconds
   * @param queued nanoseconds that it waited
   * @param routing nanoseconds that routing it took
   */
  GenerationResult result(int reused, long submitted, long queued, long routing) {
    long decoding = isEmpty() ? 0 : end - firstToken;
    GenerationResult.Timings timings =
        new GenerationResult.Timings(
            Duration.ofNanos(queued),
            Duration.ofNanos(routing),
            Duration.ofNanos(end - submitted - queued - routing - decoding),
            Duration.ofNanos(decoding));
    return new GenerationResult(
        text.toString(),
        Arrays.copyOf(tokens, count),
        scored,
        stopReason,
        promptTokens,
        reused,
        timings);
  }
}
