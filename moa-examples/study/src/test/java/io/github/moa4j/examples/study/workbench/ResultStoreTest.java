package io.github.moa4j.examples.study.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.SampleResults;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.DomainScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultStoreTest {

  @TempDir private Path folder;

  @Test
  void computesAPartOnceAndReadsItBackInALaterRun() {
    DomainScore score = new DomainScore(3.5, Double.NaN, Double.NaN, 0.25, 40);

    DomainScore computed =
        new ResultStore(folder).computeIfAbsent("score", DomainScore.class, () -> score);
    DomainScore stored =
        new ResultStore(folder).computeIfAbsent("score", DomainScore.class, () -> fail("again"));

    assertThat(computed).isEqualTo(score);
    assertThat(stored).isEqualTo(score);
    assertThat(new ResultStore(folder).contains("score")).isTrue();
    assertThat(new ResultStore(folder).contains("other")).isFalse();
  }

  @Test
  void readsListsBack() {
    List<CurvePoint> curve = List.of(new CurvePoint(10, 2.5), new CurvePoint(20, Double.NaN));
    TypeReference<List<CurvePoint>> type = new TypeReference<>() {};
    ResultStore store = new ResultStore(folder);

    store.computeIfAbsent("curve", type, () -> curve);

    List<CurvePoint> stored = store.computeIfAbsent("curve", type, () -> fail("again"));
    assertThat(stored).isEqualTo(curve);
  }

  @Test
  void keepsEveryFigureAndTheOrderOfAWholeComparison() {
    ResultStore store = new ResultStore(folder);
    ComparisonResults results = SampleResults.complete();

    store.put("results", results);

    ComparisonResults stored = store.find("results", ComparisonResults.class).orElseThrow();
    assertThat(stored)
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class) // NaN is NaN
        .isEqualTo(results);
    assertThat(stored.runs().get(0).domains().keySet())
        .containsExactlyElementsOf(results.runs().get(0).domains().keySet());
  }

  @Test
  void saysWhichPartIsDamagedAndWhatToDo() throws IOException {
    ResultStore store = new ResultStore(folder);
    store.put("score", new DomainScore(3.5, 1, 1, 1, 40));
    Path file = folder.resolve("score.json");
    String whole = Files.readString(file);

    for (String damaged :
        List.of(whole.substring(0, whole.length() / 2), "", "null", "{}", whole + "}", "[]")) {
      Files.writeString(file, damaged);
      assertThatThrownBy(() -> store.computeIfAbsent("score", DomainScore.class, () -> fail("no")))
          .as(damaged)
          .isInstanceOf(MoaException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("Delete it");
    }
  }

  @Test
  void leavesNothingBehindWhenAPartFails() throws IOException {
    ResultStore store = new ResultStore(folder);

    assertThatThrownBy(
            () ->
                store.computeIfAbsent(
                    "score",
                    DomainScore.class,
                    () -> {
                      throw new IllegalStateException("out of data");
                    }))
        .hasMessage("out of data");

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesNamesThatLeaveTheFolder() {
    ResultStore store = new ResultStore(folder);

    assertThatThrownBy(() -> store.put("../score", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("../score");
  }
}
