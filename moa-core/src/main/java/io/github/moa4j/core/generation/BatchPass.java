package io.github.moa4j.core.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.PromptReading;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Runs the lines of several answers through the model at once. Where that fails each is tried
 * alone, so that only the guilty one fails. Only the engine's thread touches it.
 */
final class BatchPass {

  private final Decoder decoder;
  private final TokenPicker picker;
  private final Slots slots;

  BatchPass(BaseModel model, Slots slots) {
    this.decoder = model.unwrap(Decoder.class);
    this.picker = new TokenPicker(decoder.sampling());
    this.slots = slots;
  }

  /** Whether a prompt's keys depend on its length, so that it must not be cut. */
  boolean takesPromptsWhole() {
    return decoder.dependsOnLength();
  }

  /**
   * What came of a line.
   *
   * @param token that follows an answer's last line; empty behind a piece of its prompt
   * @param failure why the line was not appended
   */
  record Outcome(Line line, OptionalInt token, Optional<RuntimeException> failure) {

    private static Outcome of(Line line, OptionalInt token) {
      return new Outcome(line, token, Optional.empty());
    }

    private static Outcome of(Line line, RuntimeException failure) {
      return new Outcome(line, OptionalInt.empty(), Optional.of(failure));
    }
  }

  /** Appends lines to their slots, each under its answer's adapters, and draws what follows. */
  List<Outcome> extend(List<Line> lines) {
    List<Line> ordered = new ArrayList<>(lines);
    ordered.sort(Comparator.comparing(Line::last).reversed());
    int drawing = (int) ordered.stream().filter(Line::last).count();
    return eachAloneIfNotTogether(
        ordered,
        this::extend,
        () -> {
          try (NDManager scope = decoder.newScope()) {
            NDArray logits = append(scope, ordered);
            List<Outcome> outcomes = new ArrayList<>();
            if (drawing > 0) {
              outcomes.addAll(draw(logits.get(rows(0, drawing)), ordered.subList(0, drawing)));
            }
            ordered
                .subList(drawing, ordered.size())
                .forEach(line -> outcomes.add(Outcome.of(line, OptionalInt.empty())));
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
          int[] tokens =
              picker.pick(logits, lines.stream().map(line -> line.answer().row.sampler()).toList());
          return IntStream.range(0, tokens.length)
              .mapToObj(i -> Outcome.of(lines.get(i), OptionalInt.of(tokens[i])))
              .toList();
        });
  }

  /** Runs lines of prompts through the base, for the router and for whom its pass serves. */
  List<Outcome> read(List<Line> lines) {
    return eachAloneIfNotTogether(
        lines,
        this::read,
        () -> {
          List<PromptReading> readings = lines.stream().map(line -> line.answer().reading).toList();
          return inSlots(
              lines,
              (batch, numbers) -> {
                decoder.read(readings, batch, slots.cache(), numbers);
                return lines.stream().map(line -> Outcome.of(line, OptionalInt.empty())).toList();
              });
        });
  }

  /** Starts the reading of a prompt for the router. */
  void beginReading(ScheduledAnswer answer) {
    int depth = answer.request.routing().depth().orElseThrow();
    answer.reading = new PromptReading(decoder, answer.prompt().length, depth);
  }

  /** Returns what the router sees of a prompt that has been read. */
  PromptStates endReading(ScheduledAnswer answer) {
    PromptReading reading = answer.reading;
    answer.reading = null;
    answer.base = reading.isOfAllLayers() ? answer.done : 0;
    return reading.states();
  }

  /** Keeps what the slot holds as far as the answer can use it: that of the base's own pass. */
  void reuse(ScheduledAnswer answer) {
    AdapterChoice choice = answer.choice;
    int own = choice.adapters().isEmpty() ? answer.prompt().length : choice.fromPosition();
    // The last token has to be run in any case: the answer's first token follows from its logits.
    int exact = Math.min(Math.min(own, answer.prompt().length - 1), answer.base);
    slots.cache().truncate(answer.slot, exact);
    answer.reuse(exact);
  }
}
