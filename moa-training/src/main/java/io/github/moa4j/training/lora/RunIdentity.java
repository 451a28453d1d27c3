package io.github.moa4j.training.lora;

import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** A hash over all that decides a training run: base, precision, options and examples. */
final class RunIdentity {

  private RunIdentity() {}

  static String of(
      BaseModel model,
      TrainingOptions options,
      List<EncodedExample> train,
      List<EncodedExample> validation) {
    MessageDigest digest = Sha256.newDigest();
    String settings = model.fingerprint() + model.computeType() + options;
    digest.update(settings.getBytes(StandardCharsets.UTF_8));
    for (List<EncodedExample> examples : List.of(train, validation)) {
      digest.update(ByteBuffer.allocate(4).putInt(0, examples.size()));
      examples.forEach(example -> update(digest, example));
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
