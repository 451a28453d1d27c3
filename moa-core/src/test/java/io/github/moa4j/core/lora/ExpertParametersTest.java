package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.config.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of {@code target_parameters}, as PEFT wrote them beside transformers 5. */
class ExpertParametersTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String MIXTRAL = "mixtral-parameter-lora";
  private static final String EXPERTS = "base_model.model.model.layers.0.mlp.experts.";
  private static final Set<TargetModule> PARAMETERS =
      Set.of(TargetModule.EXPERTS_GATE_UP_PROJ, TargetModule.EXPERTS_DOWN_PROJ);

  private final JsonMapper mapper = new JsonMapper();
  @TempDir private Path folder;

  private static Path adapter(String name) {
    return GOLDEN.resolve(name).resolve("adapter");
  }

  private static ModelConfig base(String name) {
    return ModelConfig.read(GOLDEN.resolve(name).resolve("config.json"));
  }

  private static Map<String, HostTensor> tensors(Path directory) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(PeftFormat.WEIGHTS))) {
      file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    }
    return tensors;
  }

  /** Writes the golden adapter with other keys in its configuration. */
  private void change(String changes, Map<String, HostTensor> tensors) throws IOException {
    JsonNode config = mapper.readTree(adapter(MIXTRAL).resolve(PeftFormat.CONFIG).toFile());
    json(changes).properties().forEach(e -> ((ObjectNode) config).set(e.getKey(), e.getValue()));
    Files.writeString(folder.resolve(PeftFormat.CONFIG), config.toString());
    SafetensorsWriter.write(folder.resolve(PeftFormat.WEIGHTS), tensors, Map.of());
  }

  private JsonNode json(String text) throws JsonProcessingException {
    return mapper.readTree(text.replace('\'', '"'));
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> PeftFormat.read(folder))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(parts);
  }

  @ParameterizedTest
  @ValueSource(strings = {MIXTRAL, "qwen3moe-parameter-lora"})
  void areWrittenAsTheyWereRead(String name) {
    LoraAdapter adapter = PeftFormat.read(adapter(name));
    adapter.checkFits(base(name));
    assertThat(adapter.config().targetModules()).containsAll(PARAMETERS);

    PeftFormat.write(adapter, folder);

    assertThat(tensors(folder)).isEqualTo(tensors(adapter(name)));
    LoraAdapter again = PeftFormat.read(folder);
    assertThat(again.sha256()).isEqualTo(adapter.sha256());
    assertThat(again.config()).isEqualTo(adapter.config());
  }

  @Test
  void haveTheRanksThatPatternsGiveTheParameters() {
    LoraAdapter adapter = PeftFormat.read(adapter(MIXTRAL));
    assertThat(adapter.rank(1, TargetModule.EXPERTS_GATE_UP_PROJ)).isEqualTo(3);
    assertThat(adapter.rank(1, TargetModule.EXPERTS_DOWN_PROJ)).isEqualTo(2);
    assertThat(adapter.rankOf("model.layers.1.mlp.experts.gate_up_proj[2]")).isEqualTo(3);
    assertThat(adapter.rankOf("model.layers.1.mlp.experts.gate_up_proj[3]")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixtral-top2", "qwen3moe-top2"})
  void canBeNewOnEveryBaseWithExperts(String name) {
    LoraConfig wanted = LoraConfig.of(2, 4, PARAMETERS);
    PeftFormat.write(LoraInitialization.random(base(name), wanted, 1), folder);
    LoraAdapter read = PeftFormat.read(folder);
    read.checkFits(base(name));
    assertThat(read.config().targetModules()).isEqualTo(PARAMETERS);
    assertThat(tensors(folder))
        .containsKeys(EXPERTS + "base_layer.lora_A.weight", EXPERTS + "lora_B.weight");
  }

  @Test
  void giveWayToMapsThatAreNamedOneByOne() {
    LoraConfig all = LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class));
    assertThat(all.targetModules()).doesNotContainAnyElementsOf(PARAMETERS);
    assertThat(LoraConfig.of(2, 4, PARAMETERS).forModel(base(MIXTRAL)).targetModules())
        .isEqualTo(PARAMETERS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'use_dora': true} | without DoRA",
        "{'lora_bias': true} | without DoRA, bias of B",
        "{'lora_dropout': 0.1} | dropout",
        "{'alora_invocation_tokens': [5]} | invocation tokens",
        "{'target_parameters': ['gate.weight']} | gate.weight in target_parameters",
        "{'target_parameters': ['q_proj.weight']} | q_proj.weight in target_parameters",
        "{'target_parameters': ['feed_forward.experts.down_proj']} | feed_forward.experts.down_proj",
        "{'target_parameters': ['gate_up_proj']} | none of the target parameters [gate_up_proj]",
        "{'target_parameters': 'down_proj'} | target_parameters",
        "{'target_parameters': []} | none of the target parameters []",
        "{'rank_pattern': {}} | base_layer.lora_A.weight has the shape [9, 32]",
        "{'r': 4} | has the shape",
      })
  void areRefusedWhereTheyCannotBeApplied(String changes, String complaint) throws IOException {
    change(changes, tensors(adapter(MIXTRAL)));
    assertRefused(complaint);
  }

  @Test
  void areRefusedWhereTensorsAreMissing() throws IOException {
    Map<String, HostTensor> some = tensors(adapter(MIXTRAL));
    some.keySet().removeIf(key -> key.contains(".experts."));
    change("{}", some);
    LoraAdapter attention = PeftFormat.read(folder);
    assertThatThrownBy(() -> attention.checkFits(base(MIXTRAL)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("lacks the tensors of model.layers.0.mlp.experts.gate_up_proj[0]");
    assertThatThrownBy(() -> PeftFormat.read(adapter(MIXTRAL)).checkFits(base("mixtral-top2")))
        .isInstanceOf(AdapterException.class);
  }

  @ParameterizedTest
  @CsvSource({"I64, 8", "F64, 8"})
  void areRefusedAsOtherThanFloats(DataType type, int bytes) throws IOException {
    Map<String, HostTensor> tensors = tensors(adapter(MIXTRAL));
    String key = EXPERTS + "lora_B.weight";
    long[] shape = {1, 6};
    tensors.put(key, new HostTensor(type, shape, ByteBuffer.allocate(6 * bytes)));
    change("{}", tensors);
    assertRefused(key + " is stored as " + type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "9", "9 0", "0 32", "8 32", "9 31", "32 9", "9 32 1", "6 96"})
  void areRefusedInOtherShapes(String text) throws IOException {
    long[] shape =
        Stream.of(text.split(" ")).filter(s -> !s.isEmpty()).mapToLong(Long::parseLong).toArray();
    int size = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
    for (String key : List.of("base_layer.lora_A", "base_layer.lora_B", "lora_A", "lora_B")) {
      Map<String, HostTensor> tensors = tensors(adapter(MIXTRAL));
      tensors.put(EXPERTS + key + ".weight", HostTensor.of(new float[size], shape));
      change("{}", tensors);
      assertThatThrownBy(() -> PeftFormat.read(folder).checkFits(base(MIXTRAL)))
          .isInstanceOf(AdapterException.class);
    }
  }

  @Test
  void areRefusedUnderNamesOfMemory() throws IOException {
    change("{}", PeftFormat.read(adapter(MIXTRAL)).tensors());
    assertRefused("mlp.experts.", "[0]", "none of PEFT's");
  }
}
