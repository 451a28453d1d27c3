package io.github.moa4j.examples.study.hostile;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.ExampleFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A kind of file, which folder of the originals holds it, and who reads it in an application. */
public enum FileKind {
  /** The weights of a base. */
  MODEL(Form.SAFETENSORS, "base", "model.safetensors"),
  /** The weights of an adapter. */
  ADAPTER(Form.SAFETENSORS, "adapter", "adapter_model.safetensors"),
  /** The weights of a router. */
  ROUTER(Form.SAFETENSORS, "layerwise", "router.safetensors"),
  /** What a router keeps of a domain, which holds its fields in the header. */
  STATISTICS(Form.SAFETENSORS, "statistics", DomainStatistics.FILE_NAME),

  /** The shape of a base. */
  CONFIG(Form.JSON, "base", "config.json"),
  /** Which shard holds which tensor. */
  INDEX(Form.JSON, "sharded", "model.safetensors.index.json"),
  /** What ends an answer. */
  GENERATION_CONFIG(Form.JSON, "base", "generation_config.json"),
  /** Special tokens and the chat template. */
  TOKENIZER_CONFIG(Form.JSON, "base", "tokenizer_config.json"),
  /** The shape of an adapter. */
  ADAPTER_CONFIG(Form.JSON, "adapter", "adapter_config.json"),
  /** What a mixture holds. */
  MIXTURE(Form.JSON, "mixture", "moa.json"),
  /** Where an adapter comes from. */
  PROVENANCE(Form.JSON, "provenance", Provenance.FILE),
  /** The shape of a router. */
  ROUTER_CONFIG(Form.JSON, "layerwise", "router.json"),
  /** What a domain is trained on. */
  EXAMPLES(Form.JSON, "examples", "train.jsonl"),

  /** A byte-level tokenizer. */
  BYTE_LEVEL_TOKENIZER(Form.TOKENIZER, "base", "tokenizer.json"),
  /** A tokenizer with byte fallback, made from a SentencePiece model. */
  SENTENCEPIECE_TOKENIZER(Form.TOKENIZER, "tokenizer-sentencepiece", "tokenizer.json"),
  /** A tokenizer of words and their ends. */
  WORDPIECE_TOKENIZER(Form.TOKENIZER, "tokenizer-wordpiece", "tokenizer.json"),
  /** A tokenizer that chooses among pieces by their probability. */
  UNIGRAM_TOKENIZER(Form.TOKENIZER, "tokenizer-unigram", "tokenizer.json");

  /** How a file is changed. */
  public enum Form {
    /** As safetensors: header, its length, data. */
    SAFETENSORS,
    /** As JSON. */
    JSON,
    /** As JSON that a native library reads, which may end the whole process. */
    TOKENIZER
  }

  private static final String TEXT = "all the files: \u00e9, \u6f22\u5b57, \ud83d\ude00\n <s></s>";

  private final Form form;
  private final String folder;
  private final String file;

  FileKind(Form form, String folder, String file) {
    this.form = form;
    this.folder = folder;
    this.file = file;
  }

  /** Returns how files of this kind are changed. */
  public Form form() {
    return form;
  }

  /** Returns the file's name and, where several kinds share it, which of them it is. */
  public String title() {
    return form == Form.TOKENIZER
        ? "`"
            + file
            + "` ("
            + name().toLowerCase(Locale.ROOT).replace("_tokenizer", "").replace('_', '-')
            + ")"
        : "`" + file + "`";
  }

  Path folder(Path originals) {
    return originals.resolve(folder);
  }

  Path file(Path originals) {
    return folder(originals).resolve(file);
  }

  /** Changes a valid file. */
  byte[] mutated(byte[] original, SplittableRandom random) {
    return form == Form.SAFETENSORS
        ? new SafetensorsMutation(random).of(original)
        : new JsonMutation(random).of(original);
  }

  /**
   * Reads the file as an application does, up to where the engine would take over.
   *
   * @throws io.github.moa4j.core.MoaException if it is refused, as it should be
   */
  void read(Path originals) {
    Path directory = folder(originals);
    switch (this) {
      case MODEL, CONFIG, INDEX -> {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
          checkpoint.fingerprint();
        }
      }
      case GENERATION_CONFIG -> openTokenizer(directory);
      case TOKENIZER_CONFIG -> {
        openTokenizer(directory);
        ChatTemplate.read(directory).render(List.of(ChatMessage.user("all the files")), true);
      }
      case ADAPTER, ADAPTER_CONFIG -> PeftFormat.read(directory).sha256();
      case MIXTURE -> {
        MixtureState state = MixtureDirectory.open(directory).state();
        state.domains().keySet().forEach(state::adapterDirectory);
      }
      case PROVENANCE -> Provenance.read(directory);
      case EXAMPLES -> ExampleFile.read(file(originals));
      case ROUTER, ROUTER_CONFIG ->
          StoredRouters.readLayerwise(directory.getParent(), Originals.FINGERPRINT);
      case STATISTICS -> DomainStatistics.read(file(originals), Originals.FINGERPRINT);
      case BYTE_LEVEL_TOKENIZER, SENTENCEPIECE_TOKENIZER, WORDPIECE_TOKENIZER, UNIGRAM_TOKENIZER ->
          openTokenizer(directory);
    }
  }

  private static void openTokenizer(Path directory) {
    try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
      tokenizer.endTokens();
      tokenizer.decode(tokenizer.encode(TEXT), true);
    }
  }
}
