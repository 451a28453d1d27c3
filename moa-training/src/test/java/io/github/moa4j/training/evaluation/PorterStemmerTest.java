package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

final class PorterStemmerTest {

  /** The examples of Porter's paper and some more; stems by NLTK 3.10.3's {@code PorterStemmer}. */
  @Test
  void stemsAsNltkDoes() {
    String pairs =
        """
            caresses caress, ponies poni, ties tie, cats cat, agreed agre, feed feed,
            plastered plaster, bled bled, motoring motor, sing sing, conflated conflat,
            troubled troubl, sized size, hopping hop, falling fall, hissing hiss,
            fizzed fizz, failing fail, filing file, happy happi, enjoy enjoy, spied spi,
            died die, relational relat, conditional condit, rationally ration,
            valenci valenc, digitizer digit, conformably conform, radically radic,
            differently differ, vileli vile, analogously analog, vietnamization vietnam,
            predication predic, operator oper, feudalism feudal, decisiveness decis,
            hopefulness hope, callousness callous, formality formal, sensitivity sensit,
            sensibility sensibl, triplicate triplic, formative form, formalize formal,
            electrical electr, hopeful hope, goodness good, revival reviv, allowance allow,
            inference infer, airliner airlin, gyroscopic gyroscop, adjustable adjust,
            defensible defens, irritant irrit, replacement replac, adjustment adjust,
            dependent depend, adoption adopt, communism commun, activate activ,
            effective effect, bowdlerize bowdler, probate probat, rate rate, cease ceas,
            controll control, roll roll, geology geolog, carefully care, skies sky,
            dying die, news news, proceed proceed, generalizations gener, oscillators oscil,
            yes ye, by by
        """;
    Pattern.compile(",\\s+")
        .splitAsStream(pairs.strip())
        .forEach(
            pair -> {
              int space = pair.indexOf(' ');
              assertThat(PorterStemmer.stem(pair.substring(0, space)))
                  .as(pair)
                  .isEqualTo(pair.substring(space + 1));
            });
  }

  @Property
  void everyWordHasAStemNoLongerThanItself(
      @ForAll @CharRange(from = 'a', to = 'z') @NotEmpty String word) {
    assertThat(PorterStemmer.stem(word)).isNotEmpty().hasSizeLessThanOrEqualTo(word.length());
  }
}
