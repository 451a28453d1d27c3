package io.github.moa4j.training.lora;

import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** A hash over all that decides a training run: base, precision, settings, start and examples. */
final class RunIdentity {

  private RunIdentity() {}

  /**
   * Computes the hash.
   *
   * @param settings every setting of the run, as text
   * @param start the adapters that training starts from; none for new ones
   * @param examples those to learn from, domain by domain, then those that choose, likewise
   */
  static String of(
      BaseModel model,
      String settings,
      List<LoraAdapter> start,
      List<List<EncodedExample>> examples) {
    MessageDigest digest = Sha256.newDigest();
    String text = model.fingerprint() + model.weightFormat() + settings;
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    for (LoraAdapter adapter : start) {
      String from = adapter.sha256() + adapter.config();
      digest.update(from.getBytes(StandardCharsets.UTF_8));
    }
    for (List<EncodedExample> part : examples) {
      digest.update(ByteBuffer.allocate(4).putInt(0, part.size()));
      part.forEach(example -> update(digest, example));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, EncodedExample example) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * (2 + example.tokens().length));
    bytes.putInt(example.promptLength()).putInt(example.tokens().length);
    for (int token : example.tokens()) {
      bytes.putInt(token);
    }
    digest.update(bytes.flip());
  }
}
