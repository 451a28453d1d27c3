package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class StopStringsTest {

  /** Two letters, so that stop strings, their beginnings and their overlaps are frequent. */
  @Provide
  Arbitrary<List<String>> pieces() {
    return Arbitraries.strings().withChars("ab").ofMaxLength(4).list().ofMaxSize(12);
  }

  @Provide
  Arbitrary<List<String>> stops() {
    return Arbitraries.strings().withChars("ab").ofMinLength(1).ofMaxLength(5).list().ofMaxSize(3);
  }

  @Property(tries = 2000)
  void neverEmitsAStopStringAndNeverLosesText(
      @ForAll("pieces") List<String> pieces, @ForAll("stops") List<String> stops) {
    StopStrings stopStrings = new StopStrings(stops);
    StringBuilder emitted = new StringBuilder();
    for (String piece : pieces) {
      if (!stopStrings.found()) {
        emitted.append(stopStrings.accept(piece));
      }
    }
    String all = String.join("", pieces);
    if (!stopStrings.found()) {
      emitted.append(stopStrings.finish());
      assertThat(emitted.toString()).isEqualTo(all);
    } else {
      assertThat(stops).anyMatch(stop -> all.startsWith(emitted + stop));
    }
    assertThat(stops).noneMatch(stop -> emitted.toString().contains(stop));
    assertThat(stopStrings.found()).isEqualTo(stops.stream().anyMatch(all::contains));
  }

  @Property
  void holdsBackNoMoreThanCouldBecomeAStopString(
      @ForAll("pieces") List<String> pieces, @ForAll("stops") List<String> stops) {
    StopStrings stopStrings = new StopStrings(stops);
    int longest = stops.stream().mapToInt(String::length).max().orElse(1);
    int taken = 0;
    int emitted = 0;
    for (String piece : pieces) {
      taken += piece.length();
      emitted += stopStrings.accept(piece).length();
      if (stopStrings.found()) {
        return;
      }
      assertThat(taken - emitted).isLessThan(longest);
    }
  }

  @Example
  void cutsAtTheStopStringThatStartsFirst() {
    StopStrings stopStrings = new StopStrings(List.of("END", "\n\n"));
    assertThat(stopStrings.accept("one\n")).isEqualTo("one");
    assertThat(stopStrings.accept("two E")).isEqualTo("\ntwo ");
    assertThat(stopStrings.accept("ND\n\n")).isEmpty();
    assertThat(stopStrings.found()).isTrue();
  }

  @Example
  void withoutStopStringsEverythingPasses() {
    StopStrings stopStrings = new StopStrings(List.of());
    assertThat(stopStrings.accept("text")).isEqualTo("text");
    assertThat(stopStrings.finish()).isEmpty();
  }
}
