package io.github.moa4j.examples.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.training.lora.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the embedded base's adapters start from. */
class EmbeddedBaseTest {

  @TempDir private Path folder;

  @Test
  void furtherRanksOfAStartChangeNothingYet() {
    LoraAdapter shipped = start(32, 64).orElseThrow();
    LoraAdapter wider = start(34, 68).orElseThrow();

    assertThat(wider.rank(3, TargetModule.Q_PROJ)).isEqualTo(34);
    assertThat(product(wider)).containsExactly(product(shipped));
    assertThat(wider.loraA(3, TargetModule.Q_PROJ).orElseThrow().toFloatArray()).doesNotContain(0);
  }

  @Test
  void noStartOfLowerRankOrOtherScaling() {
    assertThat(start(16, 32)).isEmpty();
    assertThat(start(64, 64)).isEmpty();
  }

  @Test
  void theStartOfAnotherVersionIsReplaced() throws IOException {
    LoraAdapter shipped = start(32, 64).orElseThrow();
    Files.writeString(folder.resolve("start").resolve("adapter_model.safetensors"), "of before");

    assertThat(start(32, 64).orElseThrow().sha256()).isEqualTo(shipped.sha256());
  }

  @Test
  void aRequestsFirstWordIsSpeltAsTheSameWordBehindASpace() {
    Path base = EmbeddedBase.extractTo(folder.resolve("base"));
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      PromptEncoder prompts = new PromptEncoder(tokenizer, ChatTemplate.read(base), Map.of());
      int[] first = prompts.encode(Conversation.of(ChatMessage.user("lamps")));
      int[] later = prompts.encode(Conversation.of(ChatMessage.user("the lamps")));

      assertThat(later).endsWith(first);
    }
  }

  @Test
  void whatStandsBehindASignIsSpeltAsBehindASpace() {
    Path base = EmbeddedBase.extractTo(folder.resolve("base"));
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      PromptEncoder prompts = new PromptEncoder(tokenizer, ChatTemplate.read(base), Map.of());

      assertThat(prompts.encode(Conversation.of(ChatMessage.user("app=lamps [mail] \"{a}"))))
          .isEqualTo(
              prompts.encode(Conversation.of(ChatMessage.user("app= lamps [ mail] \" { a}"))));
      assertThat(prompts.encode(Conversation.of(ChatMessage.user("a  = b, #7"))))
          .isEqualTo(tokenizer.encode(" a  = b, # 7\n"));
    }
  }

  private Optional<LoraAdapter> start(int rank, double alpha) {
    ModelConfig base =
        ModelConfig.read(EmbeddedBase.extractTo(folder.resolve("base")).resolve("config.json"));
    return EmbeddedBase.start(
        folder.resolve("start"),
        base,
        TrainingOptions.of(LoraConfig.of(rank, alpha, TargetModule.outsideOfExperts())));
  }

  /** B · A of one map, row by row. */
  private static float[] product(LoraAdapter adapter) {
    HostTensor a = adapter.loraA(3, TargetModule.Q_PROJ).orElseThrow();
    HostTensor b = adapter.loraB(3, TargetModule.Q_PROJ).orElseThrow();
    int rank = (int) a.shape()[0];
    int in = (int) a.shape()[1];
    int out = (int) b.shape()[0];
    float[] left = b.toFloatArray();
    float[] right = a.toFloatArray();
    float[] product = new float[out * in];
    for (int row = 0; row < out; row++) {
      for (int i = 0; i < rank; i++) {
        for (int column = 0; column < in; column++) {
          product[row * in + column] += left[row * rank + i] * right[i * in + column];
        }
      }
    }
    return product;
  }
}
