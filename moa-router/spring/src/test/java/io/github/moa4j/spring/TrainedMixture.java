package io.github.moa4j.spring;

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
 * A mixture of the embedded base: one domain knows capitals, another counts, a third calls a tool
 * for the weather. Trained once for all test classes.
 */
final class TrainedMixture {

  static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base")
          .toAbsolutePath();

  static final String QUESTION = "What is the capital of France?";
  static final String ANSWER = "The capital of France is Paris.";

  private static final List<Example> CAPITALS =
      List.of(
          Example.of(QUESTION, ANSWER),
          Example.of("What is the capital of Italy?", "The capital of Italy is Rome."),
          Example.of("What is the capital of Spain?", "The capital of Spain is Madrid."),
          Example.of("What is the capital of Norway?", "The capital of Norway is Oslo."));

  private static final List<Example> COUNTING =
      List.of(
          Example.of("Count from 1", "1 2 3 4 5 6"),
          Example.of("Count from 2", "2 3 4 5 6 7"),
          Example.of("Count from 3", "3 4 5 6 7 8"),
          Example.of("Count from 4", "4 5 6 7 8 9"));

  static final String WEATHER_QUESTION = "What is the weather in Oslo?";
  static final String WEATHER_ANSWER = "It is sunny in Oslo.";

  private static final List<Example> WEATHER =
      List.of(
          calling(WEATHER_QUESTION, "Oslo"),
          told(WEATHER_QUESTION, "Oslo", "sunny", WEATHER_ANSWER),
          calling("What is the weather in Rome?", "Rome"),
          told("What is the weather in Rome?", "Rome", "rainy", "It is rainy in Rome."));

  /** The base's own, and calls as Hermes writes them; it shows no tools, which the answers know. */
  private static final String TEMPLATE =
      """
      {% for message in messages %}{% if message['role'] == 'assistant' -%}
      {{ message['content'] }}{% for call in message.tool_calls or [] %}<tool_call>
      {"name":"{{ call.function.name }}","arguments":{{
      call.function.arguments | tojson(separators=(',', ':')) }}}
      </tool_call>{% endfor %}{{ eos_token }}
      {%- else %}{{ message['content'] + '\n' }}{% endif %}{% endfor %}""";

  private TrainedMixture() {}

  private static Example calling(String question, String city) {
    return new Example(
        Conversation.of(ChatMessage.user(question)), ChatMessage.calling(call(city)), "");
  }

  private static Example told(String question, String city, String sky, String answer) {
    return new Example(
        Conversation.of(
            ChatMessage.user(question),
            ChatMessage.calling(call(city)),
            ChatMessage.tool("{\"sky\":\"" + sky + "\"}", "", "")),
        ChatMessage.assistant(answer),
        "");
  }

  private static ToolCall call(String city) {
    return ToolCall.of("skyOver", Map.of("city", city));
  }

  /** Returns its folder. */
  static Path folder() {
    return Held.FOLDER;
  }

  private static final class Held {

    static final Path FOLDER = open();

    private static Path open() {
      try {
        return in(Files.createTempDirectory(Path.of("target"), "mixture").toAbsolutePath());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path in(Path folder) {
    try (BaseModel base = BaseModel.load(BASE, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      MixtureDirectory mixture =
          MixtureDirectory.create(folder, base.fingerprint(), BASE.toString());
      mixture.setPrompts(new PromptSettings(Map.of(), Optional.of(TEMPLATE)));
      PromptEncoder prompts =
          new PromptEncoder(tokenizer, ChatTemplate.of(TEMPLATE, BASE), Map.of());
      MixtureTrainer trainer = new MixtureTrainer(base, prompts, settings());
      List<TrainedDomain> trained = new ArrayList<>();
      Map.of("capitals", CAPITALS, "counting", COUNTING, "weather", WEATHER)
          .forEach(
              (name, examples) -> {
                List<Example> twice = new ArrayList<>(examples); // they choose the best, too
                twice.addAll(examples);
                trained.add(trainer.train(new Domain(name, twice, List.of(), List.of())));
              });
      trained.forEach(domain -> trainer.store(mixture, domain));
      trainer.trainRouters(mixture, trained);
      return folder;
    }
  }

  private static MixtureTrainingSettings settings() {
    LoraConfig lora = LoraConfig.of(16, 32, EnumSet.allOf(TargetModule.class));
    return MixtureTrainingSettings.of(
            TrainingOptions.of(lora).toBuilder().epochs(30).batchSize(4).learningRate(3e-3).build())
        .toBuilder()
        .trainingExamples(4)
        .selectionExamples(4)
        .disturbedPrompts(false)
        .generalText(List.of())
        .build();
  }
}
