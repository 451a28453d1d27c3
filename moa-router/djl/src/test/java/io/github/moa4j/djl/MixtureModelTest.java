package io.github.moa4j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.router.MixtureClosedException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.testing.SmallMixture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture that DJL's own model zoo loads and its predictors ask. */
class MixtureModelTest {

  @TempDir private static Path folder;
  private static Path mixture;

  @BeforeAll
  static void train() {
    mixture = SmallMixture.hardlyTrained(folder.resolve("mixture"));
  }

  private static <I, O> Criteria.Builder<I, O> criteria(Class<I> input, Class<O> output) {
    return Criteria.builder()
        .setTypes(input, output)
        .optEngine(MixtureEngine.NAME)
        .optModelPath(mixture)
        .optTranslatorFactory(new MixtureTranslatorFactory())
        .optArgument("max_tokens", 8);
  }

  private static String expected(MixtureOfLoras mixture, String text) {
    return mixture.generate(Question.of(text).with(GenerationOptions.greedy(8))).text();
  }

  @Test
  void theZooLoadsItAndPredictsAndCloseFreesIt() throws Exception {
    MixtureOfLoras own;
    try (ZooModel<String, String> model =
        ModelZoo.loadModel(criteria(String.class, String.class).build())) {
      own = MixtureModel.mixture(model);
      try (Predictor<String, String> predictor = model.newPredictor()) {
        String question = "What is the capital of France?";
        assertThat(predictor.predict(question)).isEqualTo(expected(own, question));
        List<String> questions = List.of(question, "What does the cow say?", question);
        assertThat(predictor.batchPredict(questions))
            .isEqualTo(questions.stream().map(each -> expected(own, each)).toList());
      }
      assertThat(own.registry().residentBytes()).isPositive();
    }

    assertThat(own.registry().residentBytes()).isZero();
    assertThatThrownBy(() -> own.generate(Question.of("What does the cow say?")))
        .isInstanceOf(MixtureClosedException.class);
    assertThat(Engine.getDefaultEngineName()).isNotEqualTo(MixtureEngine.NAME);
  }

  @Test
  void answersTheChatsOfDjlServing() throws Exception {
    try (ZooModel<Input, Output> model = criteria(Input.class, Output.class).build().loadModel();
        Predictor<Input, Output> predictor = model.newPredictor()) {
      Output chat =
          predictor.predict(
              input(
                  """
                  {"model": "auto", "max_tokens": 4, "temperature": 0, "stop": ["zzz"],
                   "messages": [{"role": "user", "content": "What does the cow say?"}]}
                  """));
      JsonObject answer = json(chat);
      assertThat(chat.getCode()).isEqualTo(200);
      assertThat(chat.getProperty("Content-Type", "")).isEqualTo("application/json");
      assertThat(answer.text("object")).isEqualTo("chat.completion");
      assertThat(answer.objects("choices").get(0).object("message").text("role"))
          .isEqualTo("assistant");
      assertThat(answer.object("usage").positiveInt("completion_tokens")).isLessThanOrEqualTo(4);
      assertThat(answer.text("model")).isEqualTo(chat.getProperty("X-Moa-Domain", ""));

      Output text =
          predictor.predict(
              input(
                  """
                  {"inputs": "What does the cow say?", "parameters": {"max_new_tokens": 4}}
                  """));
      assertThat(json(text).text("generated_text"))
          .isEqualTo(answer.objects("choices").get(0).object("message").text("content"));
    }
  }

  @Test
  void aWrongRequestFailsAlone() throws Exception {
    try (ZooModel<Input, Output> model = criteria(Input.class, Output.class).build().loadModel();
        Predictor<Input, Output> predictor = model.newPredictor()) {
      List<Output> outputs =
          predictor.batchPredict(
              List.of(
                  input("{\"messages\": []}"),
                  input("{\"inputs\": \"What does the cow say?\"}"),
                  input(
                      "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"model\": \"cow\"}"),
                  input("{\"temperature\": 1}"),
                  input("{\"inputs\": 7}"),
                  input("{\"inputs\": \"x\", \"parameters\": {\"n\": 2, \"stream\": false}}"),
                  new Input()));

      assertThat(outputs)
          .extracting(Output::getCode)
          .containsExactly(400, 200, 400, 400, 400, 400, 400);
      assertThat(json(outputs.get(2)).text("error")).contains("There is no domain 'cow'");
      assertThat(json(outputs.get(3)).text("error")).contains("neither 'messages' nor 'inputs'");
      assertThat(json(outputs.get(5)).text("error")).contains("asks for 'n'");
    }
  }

  @Test
  void refusesWhatIsNoMixture() {
    assertThatThrownBy(
            () -> criteria(String.class, String.class).optModelPath(folder).build().loadModel())
        .hasRootCauseInstanceOf(MoaException.class)
        .hasStackTraceContaining("is not a mixture");
    assertThatThrownBy(
            () ->
                criteria(String.class, String.class)
                    .optOption("weightFormat", "f8")
                    .build()
                    .loadModel())
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("expected f32, bf16, int8 or int4");
  }

  @Test
  void aTextThatCannotBeAnsweredIsAnException() throws Exception {
    try (ZooModel<String, String> model =
            criteria(String.class, String.class).optArgument("domain", "none").build().loadModel();
        Predictor<String, String> predictor = model.newPredictor()) {
      assertThatThrownBy(() -> predictor.predict("What does the cow say?"))
          .isInstanceOf(TranslateException.class)
          .hasStackTraceContaining("There is no domain 'none'");
    }
  }

  private static Input input(String json) {
    Input input = new Input();
    input.add(json);
    return input;
  }

  private static JsonObject json(Output output) {
    return JsonObject.parse(output.getData().getAsString(), Path.of("output"), MoaException::new);
  }
}
