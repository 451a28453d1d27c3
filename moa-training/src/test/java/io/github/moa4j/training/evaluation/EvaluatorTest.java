package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvaluatorTest {

  private static final Path BASE =
      Path.of("../moa-examples/src/main/resources/io/github/moa4j/examples/base");
  private static final List<Example> EXAMPLES =
      List.of(
          Example.of("Name a colour. Any will do, but it must be one of a flag.", "red"),
          Example.of("Why?", "Because it is so, and was never otherwise."),
          Example.of("Count to three.", "one two three"));

  private BaseModel model;
  private TextTokenizer tokenizer;
  private Evaluator evaluator;

  @BeforeEach
  void open() {
    model = BaseModel.load(BASE, WeightFormat.F32);
    tokenizer = TextTokenizer.open(BASE);
    evaluator =
        new Evaluator(
            model,
            new ExampleEncoder(
                new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of()), 384, 256));
  }

  @AfterEach
  void close() {
    tokenizer.close();
    model.close();
  }

  private static List<AdapterChoice> base(List<Example> examples) {
    return Collections.nCopies(examples.size(), AdapterChoice.base());
  }

  @Test
  void measuresABatchInItsOrderAsItMeasuresEachAlone() {
    List<Perplexity> losses = evaluator.perplexities(EXAMPLES, base(EXAMPLES));
    List<String> answers = evaluator.answers(EXAMPLES, base(EXAMPLES), 4);
    for (int i = 0; i < EXAMPLES.size(); i++) {
      List<Example> alone = List.of(EXAMPLES.get(i));

      Perplexity loss = evaluator.perplexities(alone, base(alone)).get(0);

      assertThat(losses.get(i).tokens()).isEqualTo(loss.tokens());
      assertThat(losses.get(i).loss()).isCloseTo(loss.loss(), within(1e-3));
      assertThat(answers.get(i)).isEqualTo(evaluator.answers(alone, base(alone), 4).get(0));
      assertThat(tokenizer.decode(evaluator.prompt(EXAMPLES.get(i))))
          .isEqualTo(" " + EXAMPLES.get(i).prompt().get(0).content() + "\n");
    }
  }

  @Test
  void encodesAnExampleOnce() {
    List<Perplexity> before = evaluator.perplexities(EXAMPLES, base(EXAMPLES));
    tokenizer.close();

    assertThat(evaluator.perplexities(EXAMPLES, base(EXAMPLES))).isEqualTo(before);
    assertThat(evaluator.states(List.copyOf(EXAMPLES))).hasSize(EXAMPLES.size());
    assertThatThrownBy(() -> evaluator.prompt(Example.of("Something new?", "Yes")))
        .isInstanceOf(IllegalStateException.class);
  }
}
