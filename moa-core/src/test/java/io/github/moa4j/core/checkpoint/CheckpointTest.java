package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

  private static final String Q_PROJ = "model.layers.0.self_attn.q_proj.weight";

  @TempDir private Path folder;
  private final TestCheckpoint llama = TestCheckpoint.golden("llama-gqa");

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts);
  }

  private static String fingerprint(Path directory) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return checkpoint.fingerprint();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa", "qwen2-tied", "qwen3-qknorm", "llama3-rope"})
  void opensShardsAsTheSameCheckpoint(String name) {
    TestCheckpoint golden = TestCheckpoint.golden(name);
    golden.writeShards(folder);

    try (Checkpoint single = Checkpoint.open(TestCheckpoint.GOLDEN.resolve(name));
        Checkpoint sharded = Checkpoint.open(folder)) {
      assertThat(sharded.config()).isEqualTo(single.config());
      assertThat(new ArrayList<>(sharded.names())).isEqualTo(new ArrayList<>(single.names()));
      assertThat(sharded.names()).hasSize(golden.tensors.size());
      for (String tensor : single.names()) {
        assertThat(sharded.tensor(tensor)).isEqualTo(single.tensor(tensor));
      }
      assertThat(sharded.fingerprint()).isEqualTo(single.fingerprint());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixtral-top2", "qwen3moe-top2"})
  void opensExpertsThatAreStoredAsOneAsTheSameCheckpoint(String name) {
    TestCheckpoint golden = TestCheckpoint.golden(name);
    stackExperts(golden);
    golden.write(folder);

    try (Checkpoint single = Checkpoint.open(TestCheckpoint.GOLDEN.resolve(name));
        Checkpoint stacked = Checkpoint.open(folder)) {
      assertThat(new ArrayList<>(stacked.names())).isEqualTo(new ArrayList<>(single.names()));
      for (String tensor : single.names()) {
        assertThat(stacked.shape(tensor)).isEqualTo(single.shape(tensor));
        assertThat(stacked.tensor(tensor)).isEqualTo(single.tensor(tensor));
      }
      assertThat(stacked.fingerprint()).isEqualTo(single.fingerprint());
      String gate =
          single.names().stream().filter(n -> n.contains(".experts.0.")).findFirst().get();
      int size = stacked.tensor(gate).data().remaining();
      assertThatThrownBy(() -> stacked.bytes(gate, 1, size))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void refusesExpertsThatAreStoredAsOneButFew() {
    TestCheckpoint golden = TestCheckpoint.golden("mixtral-top2");
    stackExperts(golden);
    String name = "model.layers.0.mlp.experts.down_proj";
    long[] shape = golden.tensors.get(name).shape();
    golden.tensors.put(name, HostTensor.of(new float[7], 7));
    golden.tensors.remove("model.layers.1.mlp.experts.down_proj");
    golden.write(folder);
    assertRefused(
        name + " has the shape [7], expected " + Arrays.toString(shape),
        "model.layers.1.mlp.experts.down_proj is missing");
  }

  /** As transformers 5 has them in memory. */
  private static void stackExperts(TestCheckpoint golden) {
    Map<String, List<HostTensor>> stacks = new LinkedHashMap<>();
    golden.rename(name -> name.replace("block_sparse_moe", "mlp"));
    golden.rename(name -> name.replace("w1.", "gate_proj.").replace("w3.", "up_proj."));
    golden.rename(name -> name.replace("w2.", "down_proj."));
    Map<String, HostTensor> all = new LinkedHashMap<>(golden.tensors);
    int experts = 0;
    while (isOf(experts, all.keySet())) {
      experts++;
    }
    for (int expert = 0; expert < experts; expert++) {
      for (String part : List.of("gate", "up", "down")) {
        String own = ".experts." + expert + "." + part + "_proj.weight";
        String stack = ".experts." + (part.equals("down") ? "down_proj" : "gate_up_proj");
        all.forEach(
            (name, tensor) -> {
              if (name.endsWith(own)) {
                golden.tensors.remove(name);
                stacks
                    .computeIfAbsent(name.replace(own, stack), n -> new ArrayList<>())
                    .add(tensor);
              }
            });
      }
    }
    long count = experts;
    stacks.forEach(
        (name, parts) -> {
          HostTensor first = parts.get(0);
          ByteBuffer data = ByteBuffer.allocate(parts.size() * first.data().remaining());
          parts.forEach(part -> data.put(part.data()));
          long rows = parts.size() * first.shape()[0] / count;
          long[] shape = {count, rows, first.shape()[1]};
          golden.tensors.put(name, new HostTensor(first.dataType(), shape, data.flip()));
        });
  }

  private static boolean isOf(int expert, Set<String> names) {
    return names.stream().anyMatch(name -> name.contains(".experts." + expert + "."));
  }

  /** Adapters out there carry these hashes: none may ever change. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa, 8fea1bdfb6db599e4cdf4f85583600cbd15857b2b5e45e0c9fee4172e5a47e1d",
    "llama3-rope, 8c87f090cad14666f693fbda901f24986005bd0783377d08c9d4713bf40e9d98",
    "qwen2-tied, 4ea27598bcf715f2f513c9c6cd3415f3da6ec26806a390a9ae1e5e4866d74929",
    "qwen3-qknorm, 926ebe3e427b52952291990634210d273a007f29f0d93dbb6358b2fd6a98d99f",
  })
  void fingerprintsStayAsTheyAre(String golden, String fingerprint) {
    assertThat(fingerprint(TestCheckpoint.GOLDEN.resolve(golden))).isEqualTo(fingerprint);
  }

  @Test
  void fingerprintsOfLinearScalingAndOfAWindowStayAsTheyAre() {
    llama.config.putObject("rope_scaling").put("type", "linear").put("factor", 4.0);
    assertThat(fingerprint(llama.write(folder)))
        .isEqualTo("e2e672412a5952ace6c20378c48dd75c26427b369e47d07ec3d32f8524eaf6f9");

    llama.config.remove("rope_scaling");
    llama.config.put("model_type", "mistral").put("sliding_window", 4096);
    llama.config.putArray("architectures").add("MistralForCausalLM");
    assertThat(fingerprint(llama.write(folder)))
        .isEqualTo("33cbe29aa39cf1d149a906566708f78881bdf6792966d4694b468dce0863764c");
  }

  @Test
  void fingerprintIsThatOfTheValuesRoundedToBf16() {
    String original = fingerprint(llama.write(folder.resolve("f32")));
    llama.roundToBf16(DataType.F32);
    String rounded = fingerprint(llama.write(folder.resolve("rounded")));
    llama.roundToBf16(DataType.BF16);
    String stored = fingerprint(llama.write(folder.resolve("bf16")));

    assertThat(rounded).isEqualTo(original);
    assertThat(stored).isEqualTo(original);
  }

  @Test
  void readsEveryWeightOnceInWholeRowsAndFingerprintsItOnTheWay() {
    int vocabulary = 20_000; // of 64 columns: more than one piece
    float[] matrix = new float[vocabulary * 64];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = (float) Math.sin(i);
    }
    llama.config.put("vocab_size", vocabulary);
    llama.tensors.put("model.embed_tokens.weight", HostTensor.of(matrix, vocabulary, 64));
    llama.tensors.put("lm_head.weight", HostTensor.of(matrix, vocabulary, 64));
    llama.writeShards(folder);

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      Map<String, ByteBuffer> read = new LinkedHashMap<>();
      String fingerprint =
          checkpoint.read(
              (name, byteOffset, bytes) -> {
                ByteBuffer whole =
                    read.computeIfAbsent(
                        name,
                        key -> ByteBuffer.allocate(checkpoint.tensor(key).data().remaining()));
                assertThat(whole.position()).isEqualTo(byteOffset);
                long[] shape = checkpoint.shape(name);
                assertThat(bytes.remaining() % (4 * (shape.length > 1 ? shape[1] : 1))).isZero();
                whole.put(bytes);
              });
      assertThat(new ArrayList<>(read.keySet())).isEqualTo(new ArrayList<>(checkpoint.names()));
      read.forEach(
          (name, whole) ->
              assertThat(whole.flip()).as(name).isEqualTo(checkpoint.tensor(name).data()));
      assertThat(fingerprint).isEqualTo(checkpoint.fingerprint());
      assertThatThrownBy(
              () ->
                  checkpoint.read(
                      (name, byteOffset, bytes) -> {
                        throw new IllegalStateException("no memory");
                      }))
          .hasMessage("no memory");
    }
  }

  @Test
  void fingerprintChangesWithAValueOrTheArchitecture() {
    String original = fingerprint(llama.write(folder.resolve("original")));
    llama.config.put("max_position_embeddings", 1024); // the computation stays the same
    assertThat(fingerprint(llama.write(folder.resolve("longer")))).isEqualTo(original);

    llama.config.put("rope_theta", 20_000.0);
    assertThat(fingerprint(llama.write(folder.resolve("theta")))).isNotEqualTo(original);

    llama.config.put("rope_theta", 10_000.0);
    float[] norm = llama.tensors.get("model.norm.weight").toFloatArray();
    norm[3] *= 1.02f;
    llama.tensors.put("model.norm.weight", HostTensor.of(norm, norm.length));
    assertThat(fingerprint(llama.write(folder.resolve("value")))).isNotEqualTo(original);
  }

  @Test
  void refusesMissingTensor() {
    llama.tensors.remove(Q_PROJ);
    llama.write(folder);
    assertRefused(folder.toString(), Q_PROJ + " is missing");
  }

  @Test
  void refusesMissingHeadUnlessTied() {
    llama.tensors.remove("lm_head.weight");
    llama.write(folder);
    assertRefused("lm_head.weight is missing although tie_word_embeddings is not true");

    llama.config.put("tie_word_embeddings", true);
    llama.write(folder);
    Checkpoint.open(folder).close();
  }

  @Test
  void refusesSurplusTensor() {
    llama.tensors.put("model.layers.0.self_attn.q_proj.bias", HostTensor.of(new float[64], 64));
    llama.write(folder);
    assertRefused("model.layers.0.self_attn.q_proj.bias is not part of a llama model");
  }

  @Test
  void readsWeightsWithoutTheModelsPrefix() {
    String original = fingerprint(llama.write(folder.resolve("original")));
    llama.rename(name -> name.replaceFirst("^model\\.", ""));
    llama.write(folder.resolve("bare"));

    try (Checkpoint bare = Checkpoint.open(folder.resolve("bare"))) {
      assertThat(bare.names()).contains(Q_PROJ, "model.norm.weight", "lm_head.weight");
      assertThat(bare.tensor(Q_PROJ)).isEqualTo(llama.tensors.get(Q_PROJ.substring(6)));
      assertThat(bare.fingerprint()).isEqualTo(original);
    }
  }

  @Test
  void explainsAnotherPrefix() {
    llama.rename(name -> "language_model." + name);
    llama.write(folder);
    assertRefused(
        "model.embed_tokens.weight is missing",
        "there is language_model.model.embed_tokens.weight: another prefix");
  }

  @Test
  void explainsAMixOfPrefixes() {
    llama.rename(name -> name.equals(Q_PROJ) ? name.substring(6) : name);
    llama.write(folder);
    assertRefused(Q_PROJ + " is missing", Q_PROJ.substring(6) + " is not part of a llama model");
  }

  @Test
  void readsATiedMatrixUnderTheNameOfTheOutputProjection() {
    TestCheckpoint qwen = TestCheckpoint.golden("qwen2-tied");
    String original = fingerprint(qwen.write(folder.resolve("original")));
    qwen.rename(name -> name.equals("model.embed_tokens.weight") ? "lm_head.weight" : name);
    assertThat(fingerprint(qwen.write(folder.resolve("other")))).isEqualTo(original);
  }

  @Test
  void refusesAnotherHeadInATiedCheckpoint() {
    TestCheckpoint qwen = TestCheckpoint.golden("qwen2-tied");
    float[] head = qwen.tensors.get("model.embed_tokens.weight").toFloatArray();
    qwen.tensors.put("lm_head.weight", HostTensor.of(head, 512, 64));
    Checkpoint.open(qwen.write(folder)).close(); // a copy is harmless

    head[head.length - 1] += 1;
    qwen.tensors.put("lm_head.weight", HostTensor.of(head, 512, 64));
    qwen.write(folder);
    assertRefused("lm_head.weight that differs", "tie_word_embeddings", "or remove");

    qwen.tensors.put("lm_head.weight", HostTensor.of(new float[64], 1, 64));
    qwen.write(folder);
    assertRefused("lm_head.weight that differs");
  }

  @Test
  void refusesASingleFileBesideAnIndexOfShards() {
    llama.write(folder);
    llama.writeShards(folder);
    assertRefused("model.safetensors", "names other files", "Delete the one");
  }

  @Test
  void readsAnIndexOfOneFile() {
    llama.write(folder);
    ObjectNode weightMap = new JsonMapper().createObjectNode();
    llama.tensors.keySet().forEach(name -> weightMap.put(name, "model.safetensors"));
    TestCheckpoint.writeIndex(folder, weightMap);
    Checkpoint.open(folder).close();
  }

  @Test
  void refusesAnIndexWithoutAWeightMap() throws IOException {
    llama.writeConfig(folder);
    Path index = folder.resolve("model.safetensors.index.json");
    for (String json :
        List.of("{}", "[]", "{\"weight_map\": []}", "{\"weight_map\": {\"a\": 3}}")) {
      Files.writeString(index, json);
      assertRefused(index.toString());
    }
    Files.writeString(index, "{\"weight_map\": {}}");
    assertRefused("model.embed_tokens.weight is missing");
  }

  @Test
  void refusesFoldersInPlaceOfFiles() throws IOException {
    llama.writeConfig(folder);
    Path weights = Files.createDirectory(folder.resolve("model.safetensors"));
    assertRefused(weights.toString());

    Files.delete(weights);
    llama.write(folder);
    Files.delete(folder.resolve("config.json"));
    Files.createDirectory(folder.resolve("config.json"));
    assertRefused("config.json");
  }

  @Test
  void refusesWrongShape() {
    llama.tensors.put(Q_PROJ, HostTensor.of(new float[32 * 64], 32, 64));
    llama.write(folder);
    assertRefused(Q_PROJ + " has the shape [32, 64], expected [64, 64]");
  }

  @Test
  void refusesWrongType() {
    llama.tensors.put(Q_PROJ, HostTensor.of(new double[64 * 64], 64, 64));
    llama.write(folder);
    assertRefused(Q_PROJ + " is stored as F64, expected one of [F32, BF16, F16]");
  }

  @Test
  void listsTheFirstFiveProblems() {
    llama.config.put("intermediate_size", 100);
    llama.tensors.remove(Q_PROJ);
    llama.write(folder);
    assertRefused(Q_PROJ + " is missing", "mlp.gate_proj.weight has the shape", "and 2 more");
  }

  @Test
  void passesOverTensorsWithoutInfluence() {
    llama.config.put("tie_word_embeddings", true);
    llama.tensors.put("lm_head.weight", llama.tensors.get("model.embed_tokens.weight"));
    llama.tensors.put(
        "model.layers.0.self_attn.rotary_emb.inv_freq", HostTensor.of(new float[8], 8));
    llama.write(folder);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names())
          .doesNotContain("lm_head.weight", "model.layers.0.self_attn.rotary_emb.inv_freq");
    }
  }

  @Test
  void refusesTruncatedWeightsBeforeUse() throws IOException {
    llama.write(folder);
    Path weights = folder.resolve("model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    assertRefused(weights.toString(), "truncated");
  }

  @Test
  void refusesMissingDirectoryConfigurationOrWeights() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("nowhere")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("no directory", "nowhere");
    assertRefused(folder.toString(), "neither model.safetensors nor");

    llama.write(folder);
    Files.delete(folder.resolve("config.json"));
    assertRefused("There is no file", "config.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch_model.bin", "pytorch_model.bin.index.json"})
  void explainsThatPickleIsNeverRead(String file) throws IOException {
    llama.writeConfig(folder);
    Files.createFile(folder.resolve(file));
    assertRefused("pytorch_model.bin", "can run code", "never read", "save_pretrained");
  }

  @Test
  void refusesMissingShard() throws IOException {
    llama.writeShards(folder);
    Files.delete(folder.resolve(TestCheckpoint.shard(1)));
    assertRefused(TestCheckpoint.shard(1), "does not exist");
  }

  @Test
  void refusesTensorThatItsShardLacks() {
    llama.writeShards(folder);
    rewriteShard(0, tensors -> tensors.remove("model.embed_tokens.weight"));
    assertRefused("model.embed_tokens.weight", TestCheckpoint.shard(0), "lacks it");
  }

  @Test
  void refusesTensorThatTheIndexDoesNotList() {
    llama.writeShards(folder);
    rewriteShard(2, tensors -> tensors.put("extra", HostTensor.of(new float[1], 1)));
    assertRefused("extra", TestCheckpoint.shard(2), "does not list it");
  }

  @Test
  void refusesTensorInTwoShards() {
    llama.writeShards(folder);
    HostTensor copy = llama.tensors.get("model.embed_tokens.weight");
    rewriteShard(2, tensors -> tensors.put("model.embed_tokens.weight", copy));
    assertRefused("model.embed_tokens.weight", "places it in " + TestCheckpoint.shard(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../other.safetensors",
        "/etc/passwd",
        "..",
        "",
        "a/b.safetensors",
        "a\\\\b.safetensors",
        "C:b.safetensors",
        "b\\u0000.safetensors",
        "pytorch_model-00001-of-00002.bin",
      })
  void refusesShardOutsideOfTheDirectory(String shard) {
    llama.writeConfig(folder);
    ObjectNode weightMap = new JsonMapper().createObjectNode();
    weightMap.put("model.embed_tokens.weight", shard);
    TestCheckpoint.writeIndex(folder, weightMap);
    assertRefused("model.embed_tokens.weight", "not the name of a safetensors file");
  }

  private void rewriteShard(int index, Consumer<Map<String, HostTensor>> edit) {
    Path shard = folder.resolve(TestCheckpoint.shard(index));
    Map<String, HostTensor> tensors = new LinkedHashMap<>(SafetensorsFiles.read(shard));
    edit.accept(tensors);
    SafetensorsWriter.write(shard, tensors, Map.of());
  }

  @Test
  void readsPiecesOfTensors() {
    try (Checkpoint checkpoint = Checkpoint.open(llama.write(folder))) {
      assertThat(checkpoint.directory()).isEqualTo(folder);
      assertThat(checkpoint.bytes(Q_PROJ, 256, 256))
          .isEqualTo(llama.tensors.get(Q_PROJ).data().slice(256, 256));
      assertThatThrownBy(() -> checkpoint.shape("lm_head.bias"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("lm_head.bias");
      assertThat(List.of(checkpoint.dataType(Q_PROJ), checkpoint.config().numHiddenLayers()))
          .containsExactly(DataType.F32, 2);
    }
  }
}
