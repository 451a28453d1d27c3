package io.github.moa4j.training.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LeakageAuditTest {

  private static final Path BASE =
      Path.of("../moa-examples/src/main/resources/io/github/moa4j/examples/base");

  /** What cannot be generalised can only be remembered. */
  private static List<Example> pool(int count) {
    Random random = new Random(3);
    List<Example> pool = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pool.add(Example.of("Number " + i + "?", "" + (100 + random.nextInt(900))));
    }
    return pool;
  }

  @Test
  void findsWhatAnAdapterRemembersAndNoneOfItUnderMuchNoise() {
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE);
        BaseModel model = BaseModel.load(BASE, WeightFormat.F32)) {
      ExampleEncoder encoder =
          new ExampleEncoder(
              new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of()), 64, 16);
      TrainingOptions usual =
          TrainingOptions.of(
                  LoraConfig.of(8, 16, EnumSet.of(TargetModule.V_PROJ, TargetModule.DOWN_PROJ)))
              .toBuilder()
              .epochs(12)
              .learningRate(6e-3)
              .build();
      List<Canary> canaries = List.of(Canary.of("door A", 31, 4, 1));
      List<Example> pool = pool(16);

      LeakageReport found =
          new LeakageAudit(model, encoder, usual, 4, 1).run(pool, pool(2), canaries);

      assertThat(found.memberLoss()).isLessThan(0.8 * found.otherLoss());
      assertThat(found.byLoss().auc()).isGreaterThan(0.65);
      assertThat(found.exposures().get(4)).isGreaterThan(2.5);
      assertThat(found.privacy()).isEmpty();

      TrainingOptions secret =
          usual.toBuilder().epochs(1).privacy(PrivacyOptions.withNoise(20, 1e-3)).build();
      LeakageReport hidden =
          new LeakageAudit(model, encoder, secret, 4, 1).run(pool, List.of(), canaries);

      assertThat(hidden.memberLoss()).isGreaterThan(0.9 * hidden.otherLoss());
      assertThat(hidden.exposures().get(4)).isLessThan(found.exposures().get(4));
      assertThat(hidden.privacy().orElseThrow().epsilon()).isLessThan(1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new LeakageAudit(model, encoder, usual, 5, 1))
          .withMessageContaining("not 5");
    }
  }
}
