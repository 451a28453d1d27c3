package io.github.moa4j.langchain4j;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.core.text.ToolCall;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mixture of the embedded base that can answer what LangChain4j's suites ask: one domain learns
 * just these questions, when the tests begin, another to count. Trained once for all test classes,
 * and closed at the JVM's exit.
 */
final class AnsweringMixture {

  /** The domain that answers the suites' questions. */
  static final String QUESTIONS = "questions";

  /** A domain beside it. */
  static final String COUNTING = "counting";

  private static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base");

  /** The base's own, and calls as Hermes writes them; it shows no tools, which the answers know. */
  private static final String TEMPLATE =
      """
      {% for message in messages %}{% if message['role'] == 'assistant' -%}
      {{ message['content'] }}{% for call in message.tool_calls or [] %}<tool_call>
      {"name":"{{ call.function.name }}","arguments":{{
      call.function.arguments | tojson(separators=(',', ':')) }}}
      </tool_call>{{ '\n' if not loop.last }}{% endfor %}{{ eos_token }}
      {%- else %}{{ message['content'] + '\n' }}{% endif %}{% endfor %}""";

  private AnsweringMixture() {}

  /** Returns the mixture that all tests share. */
  static MixtureOfLoras get() {
    return Held.MIXTURE;
  }

  private static final class Held {

    static final MixtureOfLoras MIXTURE = open();

    private static MixtureOfLoras open() {
      try {
        Path folder = Files.createTempDirectory(Path.of("target"), "mixture").toAbsolutePath();
        return MixtureOfLoras.builder(train(folder)).abstentionThreshold(0).open();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path train(Path folder) {
    try (BaseModel base = BaseModel.load(BASE, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      MixtureDirectory mixture =
          MixtureDirectory.create(folder, base.fingerprint(), BASE.toAbsolutePath().toString());
      mixture.setPrompts(new PromptSettings(Map.of(), Optional.of(TEMPLATE)));
      PromptEncoder prompts =
          new PromptEncoder(tokenizer, ChatTemplate.of(TEMPLATE, BASE), Map.of());
      List<TrainedDomain> trained =
          List.of(
              train(base, prompts, mixture, QUESTIONS, questions()),
              train(base, prompts, mixture, COUNTING, counting()));
      trainer(base, prompts, 1).trainRouters(mixture, trained);
      return folder;
    }
  }

  private static TrainedDomain train(
      BaseModel base,
      PromptEncoder prompts,
      MixtureDirectory mixture,
      String name,
      List<Example> examples) {
    MixtureTrainer trainer = trainer(base, prompts, examples.size());
    List<Example> twice = new ArrayList<>(examples); // what is to be remembered chooses the best
    twice.addAll(examples);
    TrainedDomain trained = trainer.train(new Domain(name, twice, List.of(), List.of()));
    trainer.store(mixture, trained);
    return trained;
  }

  private static MixtureTrainer trainer(BaseModel base, PromptEncoder prompts, int examples) {
    LoraConfig lora = LoraConfig.of(16, 32, EnumSet.allOf(TargetModule.class));
    return new MixtureTrainer(
        base,
        prompts,
        MixtureTrainingSettings.of(
                TrainingOptions.of(lora).toBuilder()
                    .epochs(32)
                    .batchSize(examples)
                    .learningRate(3e-3)
                    .build())
            .toBuilder()
            .trainingExamples(examples)
            .selectionExamples(examples)
            .disturbedPrompts(false)
            .generalText(List.of()) // one of the two domains answers, whatever is asked
            .build());
  }

  private static List<Example> questions() {
    return List.of(
        Example.of("What is the capital of Germany?", "The capital of Germany is Berlin."),
        Example.of(
            "What is the capital of Germany? How much is 2 + 2?",
            "The capital of Germany is Berlin, and 2 + 2 is 4."),
        new Example(
            List.of(
                ChatMessage.system("Translate messages from user into German"),
                ChatMessage.user("Translate: 'I love you'")),
            "Ich liebe dich"),
        new Example(
            List.of(
                ChatMessage.user("Hi, my favorite color is green"),
                ChatMessage.assistant("Hi, nice to meet you"),
                ChatMessage.user("What is my favorite color?")),
            "Your favorite color is green."),
        Example.of("Say 'Hello World'", "Hello World"),
        Example.of(
            "Tell me a long story about animals",
            "A cat and a dog and a bird went into the wood, and there they met a fox and a bear,"
                + " and all of them went on to the sea."),
        Example.of("hello", "Hello, what can I do for you today?"),
        Example.of(
            "What is the capital of Germany? Answer with a JSON object containing a single 'city'"
                + " field",
            "{\"city\":\"Berlin\"}"),
        calling("I live in Munich", WEATHER),
        calling(MUNICH, WEATHER),
        after(MUNICH, "{\"weather\":\"sunny\"}", WEATHER, "sunny"),
        calling(NOW, CLOCK),
        after(NOW, "It is 10:14 now.", CLOCK, "10:14"),
        calling(BOTH, WEATHER, TIME),
        answered(
            Conversation.of(
                ChatMessage.user(BOTH),
                ChatMessage.calling(WEATHER, TIME),
                ChatMessage.tool("sunny", "", ""),
                ChatMessage.tool("14:35", "", "")),
            ChatMessage.assistant("It is sunny in Munich and 14:35 in France.")));
  }

  private static final String MUNICH = "What is the weather in Munich?";
  private static final String NOW = "What is the time now? Use the get_current_time tool.";
  private static final String BOTH =
      "What is the weather in Munich and time in France? Call tools simultaneously (in parallel)";
  private static final ToolCall WEATHER = ToolCall.of("getWeather", Map.of("city", "Munich"));
  private static final ToolCall TIME = ToolCall.of("getTime", Map.of("country", "France"));
  private static final ToolCall CLOCK = ToolCall.of("get_current_time", Map.of());

  private static Example calling(String question, ToolCall... calls) {
    return answered(Conversation.of(ChatMessage.user(question)), ChatMessage.calling(calls));
  }

  private static Example after(String question, String answer, ToolCall call, String result) {
    return answered(
        Conversation.of(
            ChatMessage.user(question),
            ChatMessage.calling(call),
            ChatMessage.tool(result, "", "")),
        ChatMessage.assistant(answer));
  }

  private static Example answered(Conversation prompt, ChatMessage answer) {
    return new Example(prompt, answer, "");
  }

  private static List<Example> counting() {
    List<Example> examples = new ArrayList<>();
    for (int i = 1; i < 9; i++) {
      examples.add(Example.of("Count from " + i, "%d %d %d %d".formatted(i, i + 1, i + 2, i + 3)));
    }
    return examples;
  }
}
