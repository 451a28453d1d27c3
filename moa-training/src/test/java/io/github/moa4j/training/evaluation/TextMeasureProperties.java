package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.arbitraries.ListArbitrary;

final class TextMeasureProperties {

  @Property
  void bleuOfIdenticalTextsIsHundred(@ForAll("longTexts") String text) {
    assertThat(Bleu.NONE.plus(text, text).score()).isEqualTo(100, within(1e-9));
  }

  @Property
  void bleuLiesBetweenZeroAndHundred(
      @ForAll("texts") String expected, @ForAll("texts") String answer) {
    assertThat(Bleu.NONE.plus(expected, answer).score()).isBetween(0.0, 100.0 + 1e-9);
  }

  @Property
  void bleuSharesAsManyRunsBothWays(@ForAll("texts") String one, @ForAll("texts") String other) {
    assertThat(Bleu.NONE.plus(one, other).matches())
        .isEqualTo(Bleu.NONE.plus(other, one).matches());
  }

  @Property
  void moreReferencesNeverMatchLess(
      @ForAll("texts") String one, @ForAll("texts") String other, @ForAll("texts") String answer) {
    List<Long> few = Bleu.NONE.plus(one, answer).matches();
    List<Long> many = Bleu.NONE.plus(List.of(one, other), answer).matches();
    for (int n = 0; n < Bleu.MAX_ORDER; n++) {
      assertThat(many.get(n)).isGreaterThanOrEqualTo(few.get(n));
    }
  }

  @Property
  void rougeLOfIdenticalTextsIsOne(@ForAll("longTexts") String text) {
    assertThat(RougeL.NONE.plus(text, text).fMeasure()).isEqualTo(1, within(1e-12));
  }

  @Property
  void rougeLSwapsPrecisionAndRecall(@ForAll("texts") String one, @ForAll("texts") String other) {
    RougeL there = RougeL.NONE.plus(one, other);
    RougeL back = RougeL.NONE.plus(other, one);
    assertThat(there.precision()).isEqualTo(back.recall());
    assertThat(there.fMeasure()).isEqualTo(back.fMeasure(), within(1e-12));
    assertThat(there.fMeasure()).isBetween(0.0, 1.0);
  }

  @Property
  void anyTextHasAScore(@ForAll String expected, @ForAll String answer) {
    assertThat(Bleu.NONE.plus(expected, answer).score()).isNotNaN();
    assertThat(RougeL.NONE.plus(expected, answer).fMeasure()).isNotNaN();
    assertThat(AnswerKind.NUMBER.matches(expected, expected)).isTrue();
    assertThat(AnswerKind.WORKED_NUMBER.matches(expected, expected)).isTrue();
  }

  @Provide
  Arbitrary<String> texts() {
    return words().ofMaxSize(12).map(words -> String.join(" ", words));
  }

  @Provide
  Arbitrary<String> longTexts() {
    return words().ofMinSize(4).ofMaxSize(12).map(words -> String.join(" ", words));
  }

  private static ListArbitrary<String> words() {
    return Arbitraries.of("a", "b", "the", "2.5", "dog.", "x,y", "(z)", "10-20").list();
  }
}
