package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftFormatTest {

  private static final String Q_A =
      "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
  private static final String Q_B =
      "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";

  @TempDir private Path folder;
  private final TestAdapter golden = TestAdapter.golden("llama-gqa");

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> PeftFormat.read(folder))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(parts);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa", "qwen2-tied", "qwen3-qknorm", "llama3-rope"})
  void writesTheBytesItHasRead(String name) throws IOException {
    Path source = TestAdapter.GOLDEN.resolve(name).resolve("adapter");
    LoraAdapter adapter = PeftFormat.read(source);

    PeftFormat.write(adapter, folder.resolve("copy"), name);

    LoraAdapter copy = PeftFormat.read(folder.resolve("copy"));
    assertThat(copy.config()).isEqualTo(adapter.config());
    assertThat(List.copyOf(copy.tensors().keySet()))
        .isEqualTo(List.copyOf(adapter.tensors().keySet()));
    assertThat(copy.tensors()).isEqualTo(adapter.tensors());
    assertThat(copy.sha256()).isEqualTo(adapter.sha256());
    assertThat(folder.resolve("copy/adapter_model.safetensors"))
        .hasSameBinaryContentAs(source.resolve("adapter_model.safetensors"));
  }

  @Test
  void writesTheKeysOfPeft() throws IOException {
    PeftFormat.write(PeftFormat.read(golden.write(folder.resolve("in"))), folder);

    assertThat(Files.readString(folder.resolve("adapter_config.json")))
        .isEqualTo(
            """
            {
              "alpha_pattern" : { },
              "auto_mapping" : null,
              "base_model_name_or_path" : null,
              "bias" : "none",
              "fan_in_fan_out" : false,
              "inference_mode" : true,
              "init_lora_weights" : true,
              "layer_replication" : null,
              "layers_pattern" : null,
              "layers_to_transform" : null,
              "loftq_config" : { },
              "lora_alpha" : 8,
              "lora_dropout" : 0.0,
              "megatron_config" : null,
              "megatron_core" : "megatron.core",
              "modules_to_save" : null,
              "peft_type" : "LORA",
              "r" : 4,
              "rank_pattern" : { },
              "revision" : null,
              "target_modules" : [ "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj",\
             "down_proj" ],
              "task_type" : "CAUSAL_LM",
              "use_dora" : false,
              "use_rslora" : false
            }
            """);
  }

  /** PEFT reads the first, and refuses a pattern beside null. */
  @ParameterizedTest
  @ValueSource(strings = {"[]", "null"})
  void writesNoPatternOfLayersBesideNoLayers(String layers) throws IOException {
    golden.set("{'layers_to_transform': " + layers + ", 'layers_pattern': 'layers'}");

    PeftFormat.write(PeftFormat.read(golden.write(folder.resolve("in"))), folder);

    assertThat(Files.readString(folder.resolve("adapter_config.json")))
        .contains("\"layers_to_transform\" : null", "\"layers_pattern\" : null");
  }

  @Test
  void leavesOtherFilesAlone() throws IOException {
    Path readme = Files.writeString(folder.resolve("README.md"), "mine");
    LoraAdapter adapter = PeftFormat.read(golden.write(folder.resolve("in")));
    PeftFormat.write(adapter, folder);
    PeftFormat.write(adapter, folder);

    assertThat(readme).hasContent("mine");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "README.md", "in", "adapter_config.json", "adapter_model.safetensors");
    }
  }

  @Test
  void keepsPatternsScalingAndInvocationTokens() {
    golden.set("{'use_rslora': true, 'lora_alpha': 8.5, 'lora_dropout': 0.1}");
    golden.set("{'rank_pattern': {'layers.1.mlp.up_proj': 2}, 'alpha_pattern': {'k_proj': 3}}");
    golden.set("{'alora_invocation_tokens': [5, 6]}");
    golden.shrinkRank("model.layers.1.mlp.up_proj", 2);
    LoraAdapter adapter = PeftFormat.read(golden.write(folder.resolve("in")));

    PeftFormat.write(adapter, folder);

    LoraConfig config = PeftFormat.read(folder).config();
    assertThat(config).isEqualTo(adapter.config());
    assertThat(config.aloraInvocationTokens()).containsExactly(5, 6);
    assertThat(adapter.rank(1, TargetModule.UP_PROJ)).isEqualTo(2);
    assertThat(adapter.scaling(1, TargetModule.UP_PROJ)).isEqualTo(8.5 / Math.sqrt(2));
    assertThat(adapter.scaling(0, TargetModule.K_PROJ)).isEqualTo(3 / Math.sqrt(4));
    assertThat(adapter.scaling(0, TargetModule.Q_PROJ)).isEqualTo(8.5 / Math.sqrt(4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "'q_proj' | .*q_proj.*",
        "['q_proj', 'v_proj'] | .*\\.[qv]_proj\\..*",
        "['self_attn.q_proj'] | .*q_proj.*",
        "['model.layers.1.self_attn.q_proj'] | .*layers.1.*q_proj.*",
        "'.*\\\\.[qv]_proj' | .*[qv]_proj.*",
        "'model\\\\.layers\\\\.1\\\\.mlp\\\\..*' | .*layers\\.1\\.mlp.*",
        "'all-linear' | .*",
      })
  void readsTargetsAsPeftDoes(String targets, String kept) {
    golden.set("{'target_modules': " + targets + "}");
    golden.keep(kept);
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    assertThat(adapter.tensors()).hasSize(golden.tensors.size());

    PeftFormat.write(adapter, folder.resolve("copy"));
    LoraAdapter copy = PeftFormat.read(folder.resolve("copy"));
    assertThat(copy.config()).isEqualTo(adapter.config());
    assertThat(copy.tensors()).isEqualTo(adapter.tensors());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "1"})
  void honoursLayersToTransform(String layers) {
    golden.set("{'layers_to_transform': " + layers + ", 'layers_pattern': 'layers'}");
    golden.keep(".*layers\\.1\\..*");
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    assertThat(adapter.rank(0, TargetModule.Q_PROJ)).isZero();
    assertThat(adapter.rank(1, TargetModule.Q_PROJ)).isEqualTo(4);

    PeftFormat.write(adapter, folder.resolve("copy"));
    assertThat(PeftFormat.read(folder.resolve("copy")).tensors()).isEqualTo(adapter.tensors());
    assertThat(folder.resolve("copy/adapter_config.json"))
        .content()
        .contains("\"layers_to_transform\" : [ 1 ]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "'all-linear' ; ['down_proj'] ; (?!.*down).*",
        "['q_proj', 'up_proj'] ; ['model.layers.0.mlp.up_proj'] ; .*(q_proj|layers.1.mlp.up_proj).*",
        "'all-linear' ; '.*(k_proj|layers\\\\.1\\\\..*)' ; (?!.*(k_proj|layers.1)).*",
        "'(?P<where>.*)\\\\.(?P<what>q_proj|up_proj)\\\\Z' ; [] ; .*(q|up)_proj.*",
        "'^(?!.*layers\\\\.1\\\\.).*(q|o)_proj' ; [] ; .*layers.0.*(q|o)_proj.*",
      })
  void leavesOutExcludedModules(String targets, String excluded, String kept) {
    golden.set("{'target_modules': " + targets + ", 'exclude_modules': " + excluded + "}");
    golden.keep(kept);
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    adapter.checkFits(golden.base());

    PeftFormat.write(adapter, folder.resolve("copy"));
    LoraAdapter copy = PeftFormat.read(folder.resolve("copy"));
    copy.checkFits(golden.base());
    assertThat(copy.config()).isEqualTo(adapter.config());
    assertThat(copy.tensors()).isEqualTo(adapter.tensors());
  }

  @Test
  void refusesAnAdapterThatLacksLayersOfTheBaseWhenItMeetsIt() {
    golden.keep(".*layers.0.*");
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    assertThatThrownBy(() -> adapter.checkFits(golden.base()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll(
            "base model of 2 layers", "lacks the tensors of model.layers.1.self_attn.q_proj");
  }

  @Test
  void takesAnAdapterOfTheFirstLayersThatSaysSo() {
    golden.set("{'layers_to_transform': [0], 'layers_pattern': 'layers'}");
    golden.keep(".*layers.0.*");
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    adapter.checkFits(golden.base());

    PeftFormat.write(adapter, folder.resolve("copy"));
    PeftFormat.read(folder.resolve("copy")).checkFits(golden.base());

    LoraAdapter made = LoraAdapter.of(adapter.config(), adapter.tensors());
    made.checkFits(golden.base());
    PeftFormat.write(made, folder.resolve("made"));
    PeftFormat.read(folder.resolve("made")).checkFits(golden.base());
    assertThat(folder.resolve("made/adapter_config.json"))
        .content()
        .contains("\"layers_to_transform\" : [ 0 ]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'target_modules': '(.*)*(.*)*(.*)*(.*)*(.*)*(.*)*(.*)*x'}",
        "{'target_modules': 'all-linear', 'exclude_modules': '((((.*)*)*)*)*x'}",
        "{'rank_pattern': {'(.*.*.*)*(.*.*.*)*(a|b|ab)*x': 3}}",
        "{'alpha_pattern': {'(x+x+)+y': 3}}",
        "{'layers_to_transform': [0, 1], 'layers_pattern': ['(.*)*(.*)*(.*)*x']}",
        "{'target_modules': '((((.{1000}){1000}){1000}){1000})'}",
      })
  void isNeverHeldUpByAPattern(String changes) {
    golden.set(changes);
    golden.write(folder);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertThatCode(() -> PeftFormat.read(folder)).satisfies(PeftFormatTest::mayRefuse));
  }

  @Test
  void isNotHeldUpByManyPatterns() {
    StringBuilder patterns = new StringBuilder("{'r': 4, 'rank_pattern': {'q_proj': 4");
    for (int i = 0; i < 9_000; i++) {
      patterns.append(", '(.*.*.*)*x+").append(i).append("': 4");
    }
    golden.set(patterns.append("}}").toString());
    golden.write(folder);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThatCode(() -> PeftFormat.read(folder)).satisfies(PeftFormatTest::mayRefuse));
  }

  private static void mayRefuse(Throwable thrown) {
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(AdapterException.class);
    }
  }

  @Test
  void refusesTensorsOfLayersThatAreNotTransformed() {
    golden.set("{'layers_to_transform': [1]}");
    golden.write(folder);
    assertRefused("holds tensors of model.layers.0.self_attn.q_proj", "no target");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'peft_type': 'IA3'} | peft_type IA3",
        "{'bias': 'some'} | bias is \"some\", but must be one of [all, lora_only, none]",
        "{'use_dora': true} | lacks the tensors of model.layers.0.self_attn.q_proj",
        "{'fan_in_fan_out': true} | fan_in_fan_out",
        "{'modules_to_save': ['lm_head']} | lm_head, modules to save",
        "{'layer_replication': [[0, 4]]} | layer_replication",
        "{'trainable_token_indices': [1]} | model.embed_tokens, trained tokens",
        "{'trainable_token_indices': {'q_proj': [1]}} | q_proj in trainable_token_indices",
        "{'modules_to_save': ['norm']} | norm in modules_to_save",
        "{'exclude_modules': 7} | exclude_modules is 7",
        "{'exclude_modules': '('} | no regular expression",
        "{'target_modules': '(.*)\\\\1'} | backreference",
        "{'lora_bias': true} | biases of B",
        "{'lora_bias': true, 'use_dora': true} | DoRA has no bias of B",
        "{'use_qalora': true} | use_qalora",
        "{'target_parameters': ['mlp.experts']} | target_parameters",
        "{'megatron_config': {'a': 1}} | megatron_config",
        "{'loftq_config': {'loftq_bits': 4}} | loftq_config",
        "{'corda_config': {'a': 1}} | corda_config",
        "{'layers_pattern': ['h'], 'layers_to_transform': [0]} | names none of [q_proj",
        "{'layers_pattern': ['('], 'layers_to_transform': [0]} | no regular expression",
        "{'some_new_idea': 3} | some_new_idea = 3",
        "{'init_lora_weights': 'pissa'} | init_lora_weights \"pissa\"",
        "{'init_lora_weights': 'pissa_niter_16'} | init_lora_weights \"pissa_niter_16\"",
        "{'init_lora_weights': 'olora'} | changes the base's own weights",
        "{'init_lora_weights': 'loftq'} | loftq",
        "{'init_lora_weights': 'corda'} | corda",
        "{'init_lora_weights': 'someday'} | someday",
        "{'r': 0} | r is 0, but must be an integer of 1",
        "{'r': null} | r is missing",
        "{'lora_alpha': 'x'} | lora_alpha is \"x\"",
        "{'lora_alpha': -1} | loraAlpha must be positive",
        "{'lora_dropout': 1.5} | loraDropout must be in [0, 1)",
        "{'target_modules': []} | target_modules",
        "{'target_modules': null} | target_modules is missing",
        "{'target_modules': ['q_proj', 'query']} | the target module query",
        "{'target_modules': 'query_.*'} | names none of [q_proj",
        "{'target_modules': 'q_proj', 'layers_to_transform': [0]} | layers_to_transform beside",
        "{'target_modules': '(q'} | no regular expression",
        "{'rank_pattern': {'q_proj': -1}} | rank_pattern.q_proj is -1",
        "{'rank_pattern': {'(q': 1}} | no regular expression",
        "{'rank_pattern': [1]} | rank_pattern",
        "{'alora_invocation_tokens': ['a']} | alora_invocation_tokens",
        "{'use_rslora': 'yes'} | use_rslora",
      })
  void refusesByNameWhatItDoesNotSupport(String changes, String complaint) {
    golden.set(changes);
    golden.write(folder);
    assertRefused(complaint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'init_lora_weights': true}",
        "{'init_lora_weights': false}",
        "{'init_lora_weights': 'gaussian'}",
        "{'init_lora_weights': 'eva', 'eva_config': {'rho': 2.0}}",
        "{'auto_mapping': {'base_model_class': 'X'}, 'revision': 'main', 'peft_version': '0.18.0'}",
        "{'megatron_core': 'megatron.core', 'qalora_group_size': 16, 'runtime_config': {'a': 1}}",
        "{'modules_to_save': [], 'layers_pattern': '', 'loftq_config': {}, 'later_key': null}",
        "{'layers_pattern': ['layers'], 'another': false, 'bias': null, 'lora_dropout': null}",
      })
  void acceptsKeysWithoutInfluence(String changes) {
    golden.set(changes);
    assertThat(PeftFormat.read(golden.write(folder)).config().scaling()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void refusesValuesThatAreNotFinite(float value) {
    float[] values = golden.tensors.get(Q_B).toFloatArray();
    values[17] = value;
    golden.tensors.put(Q_B, HostTensor.of(values, 64, 4));
    golden.write(folder);
    assertRefused(Q_B, "the value " + value);
  }

  @Test
  void refusesKeysThatNameNoModule() {
    String key = "base_model.model.model.norm.weight";
    golden.tensors.put(key, HostTensor.of(new float[64], 64));
    golden.write(folder);
    assertRefused(key, "expected are keys such as " + Q_A);
  }

  @ParameterizedTest
  @CsvSource({
    "model.layers.0.self_attn.q_proj.lora_magnitude_vector, knows nothing",
    "model.layers.0.self_attn.q_proj.lora_B.bias, knows nothing",
    "model.layers.0.self_attn.q_proj.base_layer.bias, knows nothing",
    "model.embed_tokens.token_adapter.trainable_tokens_delta, knows nothing",
    "lm_head.lora_A.weight, lm_head.lora_B.weight",
    "model.embed_tokens.lora_A.weight, none that can be applied",
    "model.layers.0.self_attn.q_proj.weight, none that can be applied",
    "model.layers.0.self_attn.q_proj.lora_A.default.weight, none that can be applied",
    "model.layers.99999.self_attn.q_proj.lora_A.weight, none that can be applied",
  })
  void refusesTensorsOfWhichTheConfigurationKnowsNothing(String key, String complaint) {
    golden.tensors.put("base_model.model." + key, HostTensor.of(new float[64 * 4], 4, 64));
    golden.write(folder);
    assertRefused(key, complaint);
  }

  @Test
  void refusesModulesThatAreNoTarget() {
    golden.set("{'target_modules': ['k_proj']}");
    golden.write(folder);
    assertRefused(Q_A, "no target module");
  }

  @Test
  void refusesTargetsWithoutTensors() {
    golden.keep("(?!.*up_proj).*");
    golden.write(folder);
    assertRefused("no tensors of its target modules [up_proj]");
  }

  @Test
  void tellsTargetsApartFromAFileWithoutLayers() {
    golden.set("{'target_modules': ['q_proj', 'lm_head']}");
    golden.keep("none");
    golden.tensors.put("base_model.model.lm_head.lora_A.weight", HostTensor.of(new float[4], 4, 1));
    golden.tensors.put("base_model.model.lm_head.lora_B.weight", HostTensor.of(new float[4], 1, 4));
    golden.write(folder);
    assertRefused("the target module q_proj", "in the file, which has no layers");
  }

  @Test
  void refusesLayersWithoutTensors() {
    golden.keep("(?!.*layers.0.mlp.up_proj).*");
    golden.write(folder);
    assertRefused("lacks the tensors of model.layers.0.mlp.up_proj");
  }

  @Test
  void refusesHalfOfAPair() {
    golden.tensors.remove(Q_B);
    golden.write(folder);
    assertRefused("holds " + Q_A + " but not " + Q_B);
  }

  @Test
  void refusesRankThatDiffersFromTheConfiguration() {
    golden.set("{'r': 8}");
    golden.write(folder);
    assertRefused(Q_A + " has the shape [4, 64]", "rank 8", "[8, in]");
  }

  @Test
  void refusesRankThatDiffersBetweenAAndB() {
    golden.tensors.put(Q_B, HostTensor.of(new float[64 * 2], 64, 2));
    golden.write(folder);
    assertRefused(Q_B + " has the shape [64, 2]", "[out, 4]");
  }

  @Test
  void refusesOtherElementTypes() {
    golden.tensors.put(Q_B, HostTensor.of(new double[64 * 4], 64, 4));
    golden.write(folder);
    assertRefused(Q_B + " is stored as " + DataType.F64);
  }

  @Test
  void refusesMissingFiles() throws IOException {
    assertThatThrownBy(() -> PeftFormat.read(folder.resolve("nowhere")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("no adapter directory", "nowhere");
    assertRefused("There is no file", "adapter_config.json");

    golden.write(folder);
    Files.delete(folder.resolve("adapter_model.safetensors"));
    assertRefused("There is no file", "adapter_model.safetensors");

    Files.createFile(folder.resolve("adapter_model.bin"));
    assertRefused("adapter_model.bin", "can run code", "never read", "safe_serialization=True");
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    golden.write(folder);
    Path weights = folder.resolve("adapter_model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.setLength(file.length() - 100);
    }
    assertRefused("adapter_model.safetensors", "truncated");

    Files.writeString(folder.resolve("adapter_config.json"), "{\"r\": 4, \"r\": 8}");
    assertRefused("adapter_config.json", "Duplicate field 'r'");

    Files.writeString(folder.resolve("adapter_config.json"), "7");
    assertRefused("adapter_config.json", "JSON object");
  }

  @Test
  void refusesEmptyAdapter() throws IOException {
    golden.write(folder);
    SafetensorsWriter.write(
        folder.resolve("adapter_model.safetensors"), Map.of(), Map.of("format", "pt"));
    assertRefused("holds no tensors");
  }

  @Test
  void keepsAnAdapterWhoseFilesAreRemoved() throws IOException {
    LoraAdapter adapter = PeftFormat.read(golden.write(folder));
    String hash = adapter.sha256();
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("adapter_model.safetensors").toFile(), "rw")) {
      file.setLength(0);
    }
    assertThat(adapter.sha256()).isEqualTo(hash);
  }
}
