package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/** A process that opens and uses one tokenizer after another, and says how that went. */
final class TokenizerOpener {

  private TokenizerOpener() {}

  /** Arguments: a folder of model directories with the names 0, 1, ..., and their number. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      out.println("file " + i);
      try (TextTokenizer tokenizer = TextTokenizer.open(Path.of(args[0], String.valueOf(i)))) {
        use(tokenizer, new Random(i));
        out.println("opened");
      } catch (MoaException e) {
        out.println("refused");
      }
    }
  }

  private static void use(TextTokenizer tokenizer, Random random) {
    for (String text :
        new String[] {"Hello ab", "", " a  b<s></s> é🤖\n\n", "a".repeat(40) + "b"}) {
      int[] ids = tokenizer.encode(text);
      tokenizer.decode(ids);
      tokenizer.decode(ids, true);
    }
    tokenizer.decode(random.ints(30, 0, tokenizer.vocabSize() + 3).toArray());
  }
}
