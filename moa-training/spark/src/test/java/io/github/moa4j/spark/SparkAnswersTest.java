package io.github.moa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the answers that one machine gives, one question at a time. */
@Timeout(240)
@ExtendWith(TestCluster.class)
final class SparkAnswersTest {

  /** No constants: the executors, too, load this class for what makes questions of rows. */
  private static SparkBase base(WeightFormat format) {
    return new SparkBase("faulty:" + OneMachine.BASE, format);
  }

  private static SparkMixture mixture(WeightFormat format) {
    return SparkMixture.of("faulty:" + OneMachine.MIXTURE, base(format)).withQuestionsAtOnce(8);
  }

  @BeforeEach
  void withoutFaults() throws IOException {
    FaultyFileSystem.reset();
  }

  private static Question question(String text) {
    return Question.of(text).with(GenerationOptions.builder().maxNewTokens(12).build());
  }

  /** The executors go from one base to the other. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void everyRowGetsTheTokensThatOneMachineAnswers(WeightFormat format) {
    List<Row> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String form =
          List.of("What does animal %d say?", "Name the capital of country %d.", "River %d?")
              .get(i % 3);
      asked.add(RowFactory.create(i, form.formatted(i)));
    }
    asked.add(RowFactory.create(20, null));
    asked.add(RowFactory.create(21, "word ".repeat(3000)));
    Dataset<Row> rows =
        TestCluster.session()
            .createDataFrame(
                asked,
                new StructType().add("id", DataTypes.IntegerType).add("text", DataTypes.StringType))
            .repartition(4);

    List<Row> answered =
        SparkAnswers.answer(
                rows, mixture(format), row -> row.isNullAt(1) ? null : question(row.getString(1)))
            .orderBy("id")
            .collectAsList();

    assertThat(answered).hasSize(22);
    Set<Object> domains = new HashSet<>();
    try (MixtureOfLoras one =
        MixtureOfLoras.builder(OneMachine.MIXTURE)
            .base(OneMachine.BASE)
            .weightFormat(format)
            .open()) {
      for (int i = 0; i < 20; i++) {
        Row row = answered.get(i);
        Answer answer = one.generate(question(row.getString(1)));
        assertThat(row.<String>getAs("failure")).isNull();
        assertThat(row.<String>getAs("answer")).isEqualTo(answer.text());
        assertThat(row.<String>getAs("domain")).isEqualTo(answer.decision().chosen().orElse(null));
        assertThat(row.<Double>getAs("confidence")).isEqualTo(answer.decision().confidence());
        assertThat(row.<Integer>getList(row.fieldIndex("tokens")))
            .isEqualTo(IntStream.of(answer.generation().tokens()).boxed().toList());
        domains.add(row.getAs("domain"));
      }
    }
    assertThat(domains).hasSizeGreaterThan(1);
    assertThat(answered.get(20).<String>getAs("failure")).contains("asks nothing");
    assertThat(answered.get(21).<String>getAs("failure")).contains("tokens");
    assertThat(answered.get(21).<String>getAs("answer")).isNull();
  }

  @Test
  void textsAreAnsweredAsTheyAre() {
    Dataset<String> questions =
        TestCluster.session().createDataset(List.of("What does animal 3 say?"), Encoders.STRING());

    Row row = SparkAnswers.answer(questions, mixture(WeightFormat.BF16)).first();

    assertThat(row.schema().fieldNames())
        .containsExactly(
            "question", "answer", "domain", "confidence", "stop_reason", "tokens", "failure");
    assertThat(row.<String>getAs("answer")).isNotNull();
  }

  @Test
  void refusesColumnsOfAnAnswersNameAndFoldersWithoutAMixture() {
    Dataset<String> questions =
        TestCluster.session().createDataset(List.of("Who?"), Encoders.STRING());

    assertThatThrownBy(
            () ->
                SparkAnswers.answer(
                    questions.toDF("answer"),
                    mixture(WeightFormat.BF16),
                    row -> question(row.getString(0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'answer'");
    assertThatThrownBy(
            () ->
                SparkAnswers.answer(
                    questions,
                    SparkMixture.of(OneMachine.DOMAINS.toString(), base(WeightFormat.BF16))))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("moa.json");
  }
}
