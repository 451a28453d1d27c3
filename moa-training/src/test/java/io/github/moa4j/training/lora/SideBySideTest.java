package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SideBySideTest {

  private static final Path BASE = Path.of("../moa-core/src/test/resources/golden/llama-gqa");

  @Test
  void trainsEachAsItIsTrainedAlone() {
    try (BaseModel model = BaseModel.load(BASE, WeightFormat.BF16)) {
      LoraConfig lora =
          LoraConfig.of(4, 8, EnumSet.of(TargetModule.Q_PROJ, TargetModule.UP_PROJ))
              .withLoraDropout(0.1);
      TrainingOptions options = TrainingOptions.of(lora).toBuilder().epochs(3).batchSize(2).build();
      LoraTrainer trainer = new LoraTrainer(model, options);
      List<Integer> seeds = List.of(1, 2, 3, 4, 5);

      Map<Integer, String> together = train(trainer, seeds, model.vocabSize());
      Map<Integer, String> alone = new TreeMap<>();
      seeds.forEach(seed -> alone.putAll(train(trainer, List.of(seed), model.vocabSize())));

      assertThat(together).isEqualTo(alone).hasSameSizeAs(seeds);
    }
  }

  private static Map<Integer, String> train(
      LoraTrainer trainer, List<Integer> seeds, int vocabulary) {
    Map<Integer, String> hashes = new TreeMap<>();
    SideBySide.run(
        seeds,
        2,
        seed -> Map.entry(seed, trainer.train(examples(seed, vocabulary), examples(0, vocabulary))),
        trained -> hashes.put(trained.getKey(), trained.getValue().adapter().sha256()));
    return hashes;
  }

  private static List<EncodedExample> examples(int seed, int vocabulary) {
    Random random = new Random(seed);
    return IntStream.range(0, 8)
        .mapToObj(i -> new EncodedExample(random.ints(12, 0, vocabulary).toArray(), 4))
        .toList();
  }

  @Test
  void beginsNothingMoreAfterAFailure() {
    List<String> begun = new CopyOnWriteArrayList<>();
    List<String> done = new ArrayList<>();

    assertThatThrownBy(
            () ->
                SideBySide.run(
                    List.of("good", "wrong", "next"),
                    1,
                    course -> {
                      begun.add(course);
                      if (course.equals("wrong")) {
                        throw new MoaException("wrong data");
                      }
                      return course;
                    },
                    done::add))
        .isInstanceOf(MoaException.class)
        .hasMessage("wrong data");

    assertThat(begun).containsExactly("good", "wrong");
    assertThat(done).containsExactly("good");
  }

  @Test
  void handsOverWhatIsUnderWayWhenAnotherFails() {
    CountDownLatch begun = new CountDownLatch(2);
    List<String> done = new ArrayList<>();

    assertThatThrownBy(
            () ->
                SideBySide.run(
                    List.of("wrong", "slow"),
                    2,
                    course -> {
                      begun.countDown();
                      await(begun);
                      if (course.equals("wrong")) {
                        throw new MoaException("wrong data");
                      }
                      return course;
                    },
                    done::add))
        .hasMessage("wrong data");

    assertThat(done).containsExactly("slow");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void throwsWhatTakingAResultThrows() {
    assertThatThrownBy(
            () ->
                SideBySide.run(
                    List.of(1, 2),
                    1,
                    course -> course,
                    result -> {
                      throw new MoaException("disk full");
                    }))
        .hasMessage("disk full");
  }
}
