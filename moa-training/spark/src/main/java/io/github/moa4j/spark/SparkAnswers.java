package io.github.moa4j.spark;

import io.github.moa4j.router.Question;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Routes and answers datasets of questions with a mixture. Each JVM of the cluster loads the base
 * and the mixture once; the questions of a partition are answered in one batch, which is filled
 * again as answers end.
 *
 * <p>Every row gets these columns behind its own:
 *
 * <ul>
 *   <li>{@code answer}: the text; null where there is none
 *   <li>{@code domain}: whose adapter answered; null where the base answered alone
 *   <li>{@code confidence}: of the router in the most probable domain, from 0 to 1
 *   <li>{@code stop_reason}: why the answer ended
 *   <li>{@code tokens}: the ids of the answer's tokens
 *   <li>{@code failure}: why there is no answer; null where there is one
 * </ul>
 *
 * <p>A question that cannot be answered fails alone. What the storage or the cluster lacks fails
 * the task, which Spark tries again.
 */
public final class SparkAnswers {

  private static final StructField[] ANSWER = {
    field("answer", DataTypes.StringType),
    field("domain", DataTypes.StringType),
    field("confidence", DataTypes.DoubleType),
    field("stop_reason", DataTypes.StringType),
    field("tokens", DataTypes.createArrayType(DataTypes.IntegerType, false)),
    field("failure", DataTypes.StringType)
  };

  private SparkAnswers() {}

  private static StructField field(String name, org.apache.spark.sql.types.DataType type) {
    return DataTypes.createStructField(name, type, true);
  }

  /**
   * Answers questions, each one message of a user, greedily in at most 256 tokens.
   *
   * @param mixture as it is at this call; whatever is committed to it later plays no part. Its
   *     files must still be there when the dataset is computed
   * @return the text asked, in a column named "question", and the columns of its answer
   * @throws io.github.moa4j.core.MoaException if there is no mixture
   */
  public static Dataset<Row> answer(Dataset<String> questions, SparkMixture mixture) {
    return answer(
        questions.toDF("question"),
        mixture,
        row -> row.isNullAt(0) ? null : Question.of(row.getString(0)));
  }

  /**
   * Answers the questions of rows.
   *
   * @param mixture as it is at this call; see {@link #answer(Dataset, SparkMixture)}
   * @param question makes each row's question
   * @return the columns of the rows and those of the answers
   * @throws IllegalArgumentException if the rows have a column of the same name as an answer's
   * @throws io.github.moa4j.core.MoaException if there is no mixture
   */
  public static Dataset<Row> answer(Dataset<Row> rows, SparkMixture mixture, RowQuestion question) {
    StructType schema = withAnswer(rows.schema());
    StoredFolder base = StoredFolder.at(rows.sparkSession(), mixture.base().location());
    MixtureSnapshot snapshot =
        MixtureSnapshot.of(StoredFolder.at(rows.sparkSession(), mixture.location()));
    MapPartitionsFunction<Row, Row> answering =
        partition -> answers(partition, mixture, base, snapshot, question);
    return rows.mapPartitions(answering, Encoders.row(schema));
  }

  private static StructType withAnswer(StructType schema) {
    for (StructField field : ANSWER) {
      if (Arrays.asList(schema.fieldNames()).contains(field.name())) {
        throw new IllegalArgumentException(
            "The rows have a column '"
                + field.name()
                + "', which is one of an answer's. Give it another name before.");
      }
    }
    return new StructType(
        Stream.of(schema.fields(), ANSWER).flatMap(Arrays::stream).toArray(StructField[]::new));
  }

  private static Iterator<Row> answers(
      Iterator<Row> partition,
      SparkMixture mixture,
      StoredFolder base,
      MixtureSnapshot snapshot,
      RowQuestion question) {
    if (!partition.hasNext()) {
      return Collections.emptyIterator();
    }
    HeldModel.Lease<AnsweringMixture> lease = AnsweringMixture.lease(mixture, base, snapshot);
    TaskContext task = TaskContext.get();
    AnsweredRows answers =
        new AnsweredRows(
            partition,
            question,
            lease.model().mixture(),
            mixture.questionsAtOnce(),
            task::isInterrupted);
    task.addTaskCompletionListener(
        ended -> {
          answers.close();
          lease.close();
        });
    return answers;
  }
}
