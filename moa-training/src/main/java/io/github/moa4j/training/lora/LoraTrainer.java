package io.github.moa4j.training.lora;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.privacy.SecretRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Trains one adapter on one domain: only its A and B move; the base and all other adapters are not
 * even at hand. The same base, examples, options and seed give the same adapter bit for bit, also
 * when the run was killed and went on from its state file.
 *
 * <p>Thread-safe: each call of {@link #train} has its own parameters.
 */
public final class LoraTrainer {

  private static final Set<AdapterPart> TRAINABLE =
      Set.of(AdapterPart.LORA_A, AdapterPart.LORA_B, AdapterPart.MAGNITUDE, AdapterPart.LORA_BIAS);

  private final BaseModel model;
  private final TrainingOptions options;
  private final Supplier<SecretRandom> random;

  /** Creates a trainer; it does not own the model. */
  public LoraTrainer(BaseModel model, TrainingOptions options) {
    this(model, options, SecretRandom::unforeseeable);
  }

  /** Creates a trainer whose noise the caller determines. */
  LoraTrainer(BaseModel model, TrainingOptions options, Supplier<SecretRandom> random) {
    this.model = model;
    this.options = options;
    this.random = random;
  }

  /**
   * Trains a new adapter.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   */
  public TrainingResult train(List<EncodedExample> train, List<EncodedExample> validation) {
    return train(train, validation, TrainingSession.fresh());
  }

  /**
   * Trains an adapter in a session of the caller's.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   * @throws io.github.moa4j.core.MoaException if the session's state file belongs to another run
   */
  public TrainingResult train(
      List<EncodedExample> train, List<EncodedExample> validation, TrainingSession session) {
    return trainTogether(List.of(new Course(train, validation, session))).get(0);
  }

  /**
   * Trains one adapter on the examples of several domains in random order. In the loss that chooses
   * the parameters every domain counts the same.
   *
   * @param domains examples of each domain to learn from
   * @param selection examples of each domain that choose the best parameters; none empty
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   * @throws io.github.moa4j.core.MoaException if the session's state file belongs to another run
   */
  public TrainingResult trainMixed(
      List<List<EncodedExample>> domains,
      List<List<EncodedExample>> selection,
      TrainingSession session) {
    List<EncodedExample> train = domains.stream().flatMap(List::stream).toList();
    try (SharedPass pass = new SharedPass(model.unwrap(Decoder.class), options, 1)) {
      return train(train, selection, session, pass);
    }
  }

  /**
   * What one adapter learns from.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @param session what the run starts from, keeps and tells
   */
  public record Course(
      List<EncodedExample> train, List<EncodedExample> validation, TrainingSession session) {}

  /**
   * Trains several adapters at once: a batch of each goes through the base in one pass, in which
   * every adapter sees its own sequences only. Each becomes, within rounding, what it becomes
   * alone. Faster than one after the other where the batches are small: of a few hundred tokens,
   * which leave the processor idle between the base's weights.
   *
   * @return in the order of the courses
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   * @throws io.github.moa4j.core.MoaException if a session's state file belongs to another run, or
   *     a run fails; the others have come to their end then
   */
  public List<TrainingResult> trainTogether(List<Course> courses) {
    if (courses.isEmpty()) {
      throw new IllegalArgumentException("Training needs at least one course, not none");
    }
    try (SharedPass pass = new SharedPass(model.unwrap(Decoder.class), options, courses.size())) {
      List<FutureTask<TrainingResult>> runs = new ArrayList<>();
      for (Course course : courses) {
        runs.add(new FutureTask<>(() -> train(course, pass)));
      }
      for (int i = 1; i < runs.size(); i++) {
        new Thread(runs.get(i), "moa4j-training-" + i).start();
      }
      runs.get(0).run();
      List<TrainingResult> results = new ArrayList<>();
      List<RuntimeException> failures = new ArrayList<>();
      for (FutureTask<TrainingResult> run : runs) {
        try {
          results.add(SideBySide.result(() -> run));
        } catch (RuntimeException e) {
          failures.add(e); // thrown once no run needs the pass any more
        }
      }
      if (!failures.isEmpty()) {
        throw failures.get(0);
      }
      return List.copyOf(results);
    }
  }

  private TrainingResult train(Course course, SharedPass pass) {
    try {
      return train(course.train(), List.of(course.validation()), course.session(), pass);
    } finally {
      pass.leave();
    }
  }

  private TrainingResult train(
      List<EncodedExample> train,
      List<List<EncodedExample>> selection,
      TrainingSession session,
      SharedPass pass) {
    Optional<PrivateLearning> privacy = privacy(train, selection, session);
    if (privacy.isPresent()) {
      selection = List.of();
    } else if (train.isEmpty()
        || selection.isEmpty()
        || selection.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException(
          "Training needs at least one training example and one selection example of each domain: "
              + "%d and %s given"
                  .formatted(train.size(), selection.stream().map(List::size).toList()));
    }
    List<EncodedExample> validation = selection.stream().flatMap(List::stream).toList();
    TrainingFit.check(model, options.lora(), train, i -> "Training example " + (i + 1));
    TrainingFit.check(model, options.lora(), validation, i -> "Selection example " + (i + 1));
    Decoder decoder = model.unwrap(Decoder.class);
    LoraAdapter start =
        session
            .warmStart()
            .orElseGet(
                () -> LoraInitialization.random(model.config(), options.lora(), options.seed()));
    start.requireOnly(TRAINABLE, "be trained further");
    requireSameInvocation(start);
    EpochSteps steps =
        privacy
            .map(own -> EpochSteps.drawn(train, options, own))
            .orElseGet(() -> EpochSteps.byLength(train, options));
    try (TrainableLora parameters = decoder.trainable(start);
        OneAdapter objective =
            new OneAdapter(model, options, pass, parameters, selection, privacy);
        TrainingRun run =
            new TrainingRun(
                model,
                options,
                session,
                objective,
                steps,
                RunIdentity.of(
                    model,
                    options.toString(),
                    session.warmStart().stream().toList(),
                    Stream.concat(Stream.of(train), selection.stream()).toList()))) {
      TrainingCurve curve = run.execute();
      return new TrainingResult(
          parameters.toAdapter(),
          curve.bestStep(),
          privacy.isPresent() ? Double.NaN : curve.bestLoss(),
          curve.losses(),
          curve.evaluations(),
          curve.tokens(),
          privacy.map(PrivateLearning::guarantee));
    }
  }

  /** Plans a private run, of which nothing may depend on examples but the noisy gradients. */
  private Optional<PrivateLearning> privacy(
      List<EncodedExample> train, List<List<EncodedExample>> selection, TrainingSession session) {
    if (options.privacy().isNone()) {
      return Optional.empty();
    }
    if (selection.stream().anyMatch(examples -> !examples.isEmpty())) {
      throw new MoaException(
          "Examples that choose the best parameters would give themselves away, so a private"
              + " training takes none and ends with its last parameters. Give no selection"
              + " examples; add them to the training examples.");
    }
    if (session.warmStart().isPresent() && !options.privacy().publicStart()) {
      throw new MoaException(
          "What an adapter to start from gives away is not bounded by the noise of this training."
              + " Start a private training from a new adapter, or say by"
              + " PrivacyOptions.withPublicStart that it has learnt from public examples alone.");
    }
    int expectedBatch = options.batchSize() * options.accumulationSteps();
    return Optional.of(
        new PrivateLearning(
            options.privacy().plan(train.size(), expectedBatch, options.epochs()),
            expectedBatch,
            random.get()));
  }

  /** It would be trained from other tokens on than it is served from. */
  private void requireSameInvocation(LoraAdapter start) {
    List<Integer> own = start.config().aloraInvocationTokens();
    if (!own.equals(options.lora().aloraInvocationTokens())) {
      throw new AdapterException(
          "The adapter to start from is invoked by the tokens %s, but training is set to %s. Train on with the adapter's own."
              .formatted(own, options.lora().aloraInvocationTokens()));
    }
  }
}
