package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A process that makes one change after the other until it is killed, and says when it begins and
 * when it has ended each: {@code begin 17 REPLACE}, {@code end 17}.
 */
public final class KilledWriter {

  static final String BEGIN = "begin ";
  static final String END = "end ";

  private static final int MOST_BYTES = 20_000;

  private KilledWriter() {}

  /** Arguments: mixture, private key, public key. */
  public static void main(String[] args) {
    MixtureDirectory mixture =
        MixtureDirectory.open(
                Path.of(args[0]), Duration.ofHours(1)) // the whole campaign may be suspended
            .signing(SigningKey.read(Path.of(args[1]), Path.of(args[2])));
    Expected expected = new Expected();
    while (true) {
      int[] made = new int[1];
      mixture.commit(
          change -> {
            Change next = expected.after(Change.last(change.state())).next();
            made[0] = next.number();
            say(BEGIN + next.number() + " " + next.kind());
            next.apply(mixture, change, MOST_BYTES);
          });
      say(END + made[0]);
    }
  }

  /** Whole lines: who is killed while it writes one should not leave half of it. */
  private static void say(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    ChildJvm.out().write(bytes, 0, bytes.length);
    ChildJvm.out().flush();
  }
}
