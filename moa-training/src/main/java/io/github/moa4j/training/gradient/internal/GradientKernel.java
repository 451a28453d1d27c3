package io.github.moa4j.training.gradient.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.kernel.internal.PyTorchEngine;
import io.github.moa4j.core.kernel.internal.ScriptSource;
import io.github.moa4j.core.kernel.internal.TorchScript;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The decoder's script with that of the gradients beside it, over the decoder's own weights: one
 * Java method for each of the methods that only training needs. {@code gradient.torchscript} states
 * the shapes.
 *
 * <p>Owns native memory, but not the decoder, and is closed before it. Not thread-safe where the
 * same parameters are passed.
 */
public final class GradientKernel implements AutoCloseable {

  private static final ScriptSource SOURCE =
      ScriptSource.of(GradientKernel.class, "gradient.torchscript");

  private final Decoder decoder;
  private final TorchScript script;
  private final NDManager manager;
  private final NDList turned = new NDList();
  private final NDList nothing;

  private GradientKernel(Decoder decoder, TorchScript script) {
    this.decoder = decoder;
    this.script = script;
    this.manager = decoder.newScope();
    this.nothing = new NDList(manager.create(new float[0]));
  }

  /** Loads the methods beside a decoder's own. */
  public static GradientKernel of(Decoder decoder) {
    return new GradientKernel(decoder, decoder.kernel().with(SOURCE));
  }

  /**
   * What one adapter learns from in a pass.
   *
   * @param parameters of the adapter
   * @param fromPositions per row the first token under the adapter; all 0 for whole sequences
   * @param weight of one answer token, usually 1 / their number in the optimiser step
   * @param seed of the dropout masks
   */
  public record Lesson(
      TrainableLora parameters, AnswerBatch batch, int[] fromPositions, double weight, long seed) {

    /** Validates the components. */
    public Lesson {
      if (fromPositions.length != batch.tokens().rows()) {
        throw new IllegalArgumentException(
            "A batch of %d rows needs as many positions to start from, not %d"
                .formatted(batch.tokens().rows(), fromPositions.length));
      }
    }

    /** How strongly the adapter acts on each token [tokens, 1]; empty for 1 throughout. */
    private NDArray gate(NDManager scope) {
      float[] gate = new float[batch.tokens().size()];
      for (int row = 0; row < fromPositions.length; row++) {
        int start = batch.tokens().offsets()[row];
        Arrays.fill(gate, start + fromPositions[row], batch.tokens().offsets()[row + 1], 1);
      }
      return Arrays.stream(fromPositions).allMatch(from -> from == 0)
          ? scope.create(new float[0])
          : scope.create(gate, new Shape(gate.length, 1));
    }
  }

  /**
   * Computes the gradient of each adapter's loss by its parameters, in one pass over the base for
   * all of them; each is what the adapter's lesson alone gives. Neither the base nor the parameters
   * carry gradient state, before or after.
   *
   * @param scope owner of the result
   * @param lessons of adapters of one configuration, each with parameters of its own
   * @param dropout probability of LoRA dropout (on the adapter's input)
   * @param checkpointing whether what a layer computes is computed again in its backward pass
   *     instead of kept
   * @return per lesson the gradients of {@code weight} times the loss, one for each of {@link
   *     TrainableLora#moving()}
   */
  public List<Gradients> gradients(
      NDManager scope, List<Lesson> lessons, double dropout, boolean checkpointing) {
    lessons = lessons.stream().map(this::filled).toList();
    AnswerBatch batch = AnswerBatch.joined(lessons.stream().map(Lesson::batch).toList()).repeated();
    List<NDArray> modules = new ArrayList<>();
    List<NDArray> gates = new ArrayList<>();
    long[] ranges = new long[2 * lessons.size()];
    long[] seeds = new long[lessons.size()];
    float[] weights = new float[batch.targets().tokens().length];
    try (NDManager inner = scope.newSubManager()) {
      long start = 0;
      int next = 0;
      for (int i = 0; i < lessons.size(); i++) {
        Lesson lesson = lessons.get(i);
        modules.addAll(lesson.parameters().arrays());
        gates.add(lesson.gate(inner));
        ranges[2 * i] = start;
        ranges[2 * i + 1] = lesson.batch().tokens().size();
        start += ranges[2 * i + 1];
        seeds[i] = lesson.seed();
        int answers = lesson.batch().targets().tokens().length;
        Arrays.fill(weights, next, next + answers, (float) lesson.weight());
        next += answers;
      }
      double scaling = lessons.get(0).parameters().config().scaling();
      NDList found =
          run(
              scope,
              "gradients",
              decoder.pass(inner, batch.tokens()),
              inner,
              batch,
              inner.create(weights),
              modules,
              inner.create(ranges),
              gates,
              inner.create(seeds),
              settings(inner, scaling, dropout, checkpointing),
              turned(checkpointing));
      return shared(lessons, found);
    }
  }

  private Lesson filled(Lesson lesson) {
    AnswerBatch batch = lesson.batch();
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    return new Lesson(
        lesson.parameters(),
        batch.filled(decoder.contextLength()),
        lesson.fromPositions(),
        lesson.weight(),
        lesson.seed());
  }

  private NDArray settings(NDManager scope, double scaling, double second, boolean checkpointing) {
    boolean tied = decoder.config().tieWordEmbeddings();
    return scope.create(new double[] {scaling, second, checkpointing ? 1 : 0, tied ? 1 : 0});
  }

  /**
   * The base's weights once more, laid out for the backward pass, and the head's for the loss; one
   * empty array where memory matters more, or nothing is gained.
   */
  private List<NDArray> turned(boolean checkpointing) {
    if (checkpointing || decoder.kernel().format() != WeightFormat.BF16) {
      return nothing;
    }
    if (turned.isEmpty()) {
      boolean tied = decoder.config().tieWordEmbeddings();
      turned.addAll(script.run(manager, "turned_weights", tied));
    }
    return turned;
  }

  private NDList run(
      NDManager scope,
      String method,
      DecoderPass pass,
      NDManager inner,
      AnswerBatch batch,
      Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                pass.tokens(),
                pass.positions(),
                inner.create(pass.sequences()),
                pass.frequencies(),
                inner.create(batch.targets().positions()),
                inner.create(batch.targets().tokens())));
    arguments.addAll(List.of(more));
    return script.runWithAutograd(scope, method, arguments.toArray());
  }

  /** Parts losses, and the gradients behind them, among the adapters. */
  private static List<Gradients> shared(List<Lesson> lessons, NDList found) {
    float[] losses = found.get(0).toFloatArray();
    List<Gradients> result = new ArrayList<>();
    int next = 0;
    int array = 1;
    for (Lesson lesson : lessons) {
      int answers = lesson.batch().targets().tokens().length;
      int moving = lesson.parameters().moving().size();
      result.add(
          new Gradients(
              sum(losses, next, next + answers), 0, found.subNDList(array).subList(0, moving)));
      next += answers;
      array += moving;
    }
    return result;
  }

  private static double sum(float[] losses, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += losses[i];
    }
    return sum;
  }

  /**
   * Computes the gradients of {@code weight} · loss + {@code routingWeight} · routing loss.
   *
   * @param scope owner of the result
   * @param experts side by side in the ranks of one adapter
   * @param chosen the expert of each sequence, where the caller chooses; else empty
   * @param choice who chooses, how many experts a token takes, rank of one: i64 [3]
   * @param weight of the routers, f32 [layers, experts, width], and their {@code bias}
   * @param pool what routers read of a sequence
   * @param labels of the sequences for their routers, f32 [rows, experts]; or empty
   * @param checkpointing see {@link #gradients}
   */
  Gradients expertGradients(
      NDManager scope,
      TrainableLora experts,
      AnswerBatch batch,
      int[] chosen,
      NDArray choice,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      NDArray labels,
      double tokenWeight,
      double routingWeight,
      boolean checkpointing) {
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    float[] weights = new float[batch.targets().tokens().length];
    Arrays.fill(weights, (float) tokenWeight);
    Runs runs = Runs.of(batch, chosen);
    try (NDManager inner = scope.newSubManager()) {
      double scaling = experts.config().scaling();
      NDList found =
          run(
              scope,
              "expert_gradients",
              decoder.pass(inner, batch.tokens()),
              inner,
              batch,
              inner.create(weights),
              experts.arrays(),
              inner.create(runs.ranges()),
              inner.create(runs.experts()),
              choice,
              weight,
              bias,
              pool,
              labels,
              settings(inner, scaling, routingWeight, checkpointing),
              turned(checkpointing));
      float[] losses = found.get(0).toFloatArray();
      return new Gradients(
          sum(losses, 0, losses.length), found.get(1).getFloat(), found.subNDList(2));
    }
  }

  /**
   * Which tokens run through which expert: first token and number of tokens of neighbours of one
   * expert; of all where nobody has chosen.
   */
  private record Runs(long[] ranges, long[] experts) {

    static Runs of(AnswerBatch batch, int[] chosen) {
      TokenBatch tokens = batch.tokens();
      if (chosen.length == 0) {
        return new Runs(new long[] {0, tokens.size()}, new long[0]);
      }
      LongStream.Builder ranges = LongStream.builder();
      LongStream.Builder experts = LongStream.builder();
      int end;
      for (int row = 0; row < chosen.length; row = end) {
        end = row + 1;
        while (end < chosen.length && chosen[end] == chosen[row]) {
          end++;
        }
        ranges.add(tokens.offsets()[row]).add(tokens.offsets()[end] - tokens.offsets()[row]);
        experts.add(chosen[row]);
      }
      return new Runs(ranges.build().toArray(), experts.build().toArray());
    }
  }

  /** Computes −log p of each target where each layer mixes the experts for each sequence. */
  float[] mixedLosses(
      NDManager scope,
      DecoderPass pass,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      AnswerBatch batch) {
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    return script
        .run(
            scope,
            "mixed_losses",
            pass.tokens(),
            pass.positions(),
            pass.sequences(),
            pass.frequencies(),
            pass.parts().adapters(),
            weight,
            bias,
            pool,
            scope.create(batch.targets().positions()),
            scope.create(batch.targets().tokens()))
        .get(0)
        .toFloatArray();
  }

  /** Computes in which shares each layer mixes the experts, f32 [layers, rows, experts]. */
  float[] mixtures(NDManager scope, DecoderPass pass, NDArray weight, NDArray bias, NDArray pool) {
    return script
        .run(
            scope,
            "mixtures",
            pass.tokens(),
            pass.positions(),
            pass.sequences(),
            pass.frequencies(),
            pass.parts().adapters(),
            weight,
            bias,
            pool)
        .get(0)
        .toFloatArray();
  }

  /** Frees the module and what it made of the weights. */
  @Override
  public void close() {
    script.close();
    manager.close();
    PyTorchEngine.giveFreedMemoryBack();
  }
}
