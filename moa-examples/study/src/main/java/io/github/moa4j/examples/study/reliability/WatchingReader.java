package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.VerificationKey;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that reads a mixture again and again while others write: every state must be one whole
 * state, no older than the last, its signatures right. It ends when its input does.
 */
public final class WatchingReader {

  static final String READ = "reads";
  static final String WRONG = "wrong ";

  private static final int PAUSE = 20; // ms: the writers need the processors, too

  private WatchingReader() {}

  /** Arguments: mixture, public key. */
  public static void main(String[] args) throws IOException, InterruptedException {
    MixtureDirectory mixture =
        MixtureDirectory.open(Path.of(args[0]))
            .verifying(SignaturePolicy.require(VerificationKey.read(Path.of(args[1]))));
    Expected expected = new Expected();
    int seen = 0;
    int reads = 0;
    while (System.in.available() == 0) {
      try {
        int number = mixture.read(state -> check(mixture, state, expected));
        if (number < seen) {
          ChildJvm.out().println(WRONG + "change " + number + " after change " + seen);
        }
        seen = number;
        reads++;
        TimeUnit.MILLISECONDS.sleep(PAUSE);
      } catch (RuntimeException e) {
        ChildJvm.out().println(WRONG + e);
      }
    }
    ChildJvm.out().println(READ + " " + reads);
  }

  private static int check(MixtureDirectory mixture, MixtureState state, Expected expected) {
    int number = Change.last(state);
    Map<String, String> found = Expected.labels(mixture, state);
    Map<String, String> due = expected.after(number).labels();
    if (!found.equals(due)) {
      throw new IllegalStateException("change " + number + " is " + found + ", expected " + due);
    }
    return number;
  }
}
