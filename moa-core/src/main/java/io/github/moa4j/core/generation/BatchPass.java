package io.github.moa4j.core.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.PrefixStore;
import io.github.moa4j.core.model.internal.PromptReading;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the lines of several answers through the model at once. Where that fails each is tried
 * alone, so that only the guilty one fails. Only the engine's thread touches it.
 */
final class BatchPass {

  private static final Logger logger = LoggerFactory.getLogger(BatchPass.class);

  private final Decoder decoder;
  private final TokenPicker picker;
  private final Slots slots;
  private final PrefixStore prefixes;

  BatchPass(BaseModel model, Slots slots, PrefixStore prefixes) {
    this.prefixes = prefixes;
    this.decoder = model.unwrap(Decoder.class);
    this.picker = new TokenPicker(decoder.sampling());
    this.slots = slots;
  }

  /** Cuts prompts into what a pass takes of them; none where their keys depend on their lengths. */
  List<Line> cut(List<ScheduledAnswer> answers, int most) {
    return decoder.dependsOnLength()
        ? Line.ofWholePrompts(answers, most)
        : Line.ofPrompts(answers, most);
  }

  /**
   * What came of a line.
   *
   * @param drawn the token that follows an answer's last line; empty behind a piece of its prompt
   * @param failure why the line was not appended
   */
  record Outcome(Line line, Optional<Drawn> drawn, Optional<RuntimeException> failure) {

    private static Outcome of(Line line, Optional<Drawn> drawn) {
      return new Outcome(line, drawn, Optional.empty());
    }

    private static Outcome of(Line line, RuntimeException failure) {
      return new Outcome(line, Optional.empty(), Optional.of(failure));
    }
  }

  /** The next token of an answer, with what the model made of it where that was asked for. */
  record Drawn(int token, Optional<TokenPicker.Odds> odds) {}

  /** Appends lines to their slots, each under its answer's adapters, and draws what follows. */
  List<Outcome> extend(List<Line> lines) {
    return inPasses(lines, this::extendAtOnce);
  }

  /** Runs those apart that share no pass. */
  private static List<Outcome> inPasses(
      List<Line> lines, Function<List<Line>, List<Outcome>> pass) {
    Map<Object, List<Line>> passes = new LinkedHashMap<>();
    for (Line line : lines) {
      Object key = line.answer().request.sharing().pass();
      passes.computeIfAbsent(key, first -> new ArrayList<>()).add(line);
    }
    return passes.values().stream().flatMap(own -> pass.apply(own).stream()).toList();
  }

  private List<Outcome> extendAtOnce(List<Line> lines) {
    List<Line> ordered = new ArrayList<>(lines);
    ordered.sort(Comparator.comparing(Line::last).reversed());
    int drawing = (int) ordered.stream().filter(Line::last).count();
    return eachAloneIfNotTogether(
        ordered,
        this::extendAtOnce,
        () -> {
          try (NDManager scope = decoder.newScope()) {
            NDArray logits = append(scope, ordered);
            List<Outcome> outcomes = new ArrayList<>();
            if (drawing > 0) {
              outcomes.addAll(draw(logits.get(rows(0, drawing)), ordered.subList(0, drawing)));
            }
            ordered
                .subList(drawing, ordered.size())
                .forEach(line -> outcomes.add(Outcome.of(line, Optional.empty())));
            return outcomes;
          }
        });
  }

  private static List<Outcome> eachAloneIfNotTogether(
      List<Line> lines, Function<List<Line>, List<Outcome>> alone, Supplier<List<Outcome>> work) {
    try {
      return work.get();
    } catch (EngineClosedException e) {
      throw e;
    } catch (RuntimeException e) {
      return lines.size() == 1
          ? List.of(Outcome.of(lines.get(0), e))
          : lines.stream().flatMap(line -> alone.apply(List.of(line)).stream()).toList();
    }
  }

  private static NDIndex rows(int from, int end) {
    return new NDIndex().addSliceDim(from, end);
  }

  /** Returns the logits behind each line, f32 [lines, vocabulary]. */
  private NDArray append(NDManager scope, List<Line> lines) {
    return inSlots(
        lines,
        (batch, numbers) ->
            decoder.extend(
                scope,
                batch,
                lines.stream().map(line -> line.answer().choice).toList(),
                slots.cache(),
                numbers));
  }

  /** Lets tokens be appended; where that fails the slots are as before. */
  private <T> T inSlots(List<Line> lines, BiFunction<TokenBatch, int[], T> pass) {
    TokenBatch batch = TokenBatch.of(lines.stream().map(Line::tokens).toList());
    int[] numbers = lines.stream().mapToInt(line -> line.answer().slot).toArray();
    int[] lengths = Arrays.stream(numbers).map(slots.cache()::length).toArray();
    try {
      return pass.apply(batch, numbers);
    } catch (RuntimeException e) {
      for (int i = 0; i < numbers.length; i++) {
        slots.cache().truncate(numbers[i], lengths[i]);
      }
      throw e;
    }
  }

  private List<Outcome> draw(NDArray logits, List<Line> lines) {
    return eachAloneIfNotTogether(
        lines,
        one ->
            draw(logits.get(rows(lines.indexOf(one.get(0)), lines.indexOf(one.get(0)) + 1)), one),
        () -> {
          List<Sampler> samplers = lines.stream().map(line -> line.answer().row.sampler()).toList();
          int[] tokens = picker.pick(logits, samplers);
          List<Optional<TokenPicker.Odds>> odds = picker.odds(logits, samplers, tokens);
          return IntStream.range(0, tokens.length)
              .mapToObj(
                  i -> Outcome.of(lines.get(i), Optional.of(new Drawn(tokens[i], odds.get(i)))))
              .toList();
        });
  }

  /** Runs lines of prompts through the base, for the router and for whom its pass serves. */
  List<Outcome> read(List<Line> lines) {
    return inPasses(lines, this::readAtOnce);
  }

  private List<Outcome> readAtOnce(List<Line> lines) {
    return eachAloneIfNotTogether(
        lines,
        this::readAtOnce,
        () -> {
          List<PromptReading> readings = lines.stream().map(line -> line.answer().reading).toList();
          return inSlots(
              lines,
              (batch, numbers) -> {
                decoder.read(readings, batch, slots.cache(), numbers);
                return lines.stream().map(line -> Outcome.of(line, Optional.empty())).toList();
              });
        });
  }

  /** Starts the reading of a prompt for the router, behind what was read before of the same. */
  void beginReading(ScheduledAnswer answer) {
    int[] prompt = answer.prompt();
    int depth = answer.request.routing().depth().orElseThrow();
    answer.reading = new PromptReading(decoder, prompt, depth, PrefixStore.BLOCK);
    slots.cache().truncate(answer.slot, 0); // which holds fewer layers where it is read once more
    answer.done = 0;
    if (answer.reading.isOfAllLayers()) {
      List<PrefixStore.Block> found = prefixes.find(answer.group(), prompt, AdapterChoice.base());
      int whole = stored(prompt) / PrefixStore.BLOCK;
      for (int i = 0; i < Math.min(whole, found.size()) && found.get(i).sums().isPresent(); i++) {
        answer.reading.skip(found.get(i).sums().get());
        answer.done += PrefixStore.BLOCK;
      }
      prefixes.restore(found, slots.cache(), answer.slot, answer.done);
    }
  }

  /**
   * How many tokens of a prompt may come from elsewhere. The answer's first token follows from the
   * last one's logits, and a single token would be multiplied in another order than a prompt's.
   */
  private static int stored(int[] prompt) {
    return Math.max(0, prompt.length - 2);
  }

  /** Returns what the router sees of a prompt that has been read. */
  PromptStates endReading(ScheduledAnswer answer) {
    PromptReading reading = answer.reading;
    answer.reading = null;
    if (reading.isOfAllLayers()) {
      answer.base = answer.done;
      keep(answer, answer.prompt(), AdapterChoice.base(), reading.sums());
    }
    return reading.states();
  }

  /**
   * Keeps what the slot holds as far as the answer can use it, that of the base's own pass, and
   * takes over what an earlier one left.
   */
  void reuse(ScheduledAnswer answer) {
    int[] prompt = answer.prompt();
    AdapterChoice choice = answer.choice;
    int ofBase = choice.adapters().isEmpty() ? prompt.length : choice.fromPosition();
    int most = stored(prompt);
    int exact = Math.min(Math.min(ofBase, most), answer.base);
    slots.cache().truncate(answer.slot, exact);
    List<PrefixStore.Block> found = prefixes.find(answer.group(), prompt, choice);
    int stored = Math.min(found.size() * PrefixStore.BLOCK, most);
    prefixes.restore(found, slots.cache(), answer.slot, stored);
    answer.reuse(Math.max(exact, stored));
  }

  /** Keeps what an answer's slot holds for others that begin as it did. */
  void keep(ScheduledAnswer answer) {
    int length = slots.cache().length(answer.slot);
    int[] tokens = Arrays.copyOf(answer.prompt(), length);
    for (int i = answer.prompt().length; i < length; i++) {
      tokens[i] = answer.row.token(i - answer.prompt().length);
    }
    keep(answer, tokens, answer.choice, List.of());
  }

  private void keep(
      ScheduledAnswer answer, int[] tokens, AdapterChoice choice, List<float[][]> sums) {
    try {
      prefixes.keep(answer.group(), tokens, choice, slots.cache(), answer.slot, sums);
    } catch (EngineClosedException e) {
      throw e;
    } catch (RuntimeException e) {
      logger.warn("A prefix is not kept for other requests", e); // this one needs it no more
    }
  }
}
