package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureClosedException;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The rows of a partition with their answers, in the rows' order. So many questions are under way
 * as the mixture may have at once; when the first of them is answered the next row is read.
 */
final class AnsweredRows implements Iterator<Row>, AutoCloseable {

  private final Iterator<Row> rows;
  private final RowQuestion question;
  private final MixtureOfLoras mixture;
  private final int atOnce;
  private final BooleanSupplier killed;
  private final Deque<Asked> underWay = new ArrayDeque<>();

  /** A row and the answer to come. */
  private record Asked(Row row, CompletableFuture<Answer> answer) {}

  /**
   * Creates it.
   *
   * @param atOnce how many questions are under way at most
   * @param killed whether nobody wants the answers any more
   */
  AnsweredRows(
      Iterator<Row> rows,
      RowQuestion question,
      MixtureOfLoras mixture,
      int atOnce,
      BooleanSupplier killed) {
    this.rows = rows;
    this.question = question;
    this.mixture = mixture;
    this.atOnce = atOnce;
    this.killed = killed;
  }

  @Override
  public boolean hasNext() {
    return !underWay.isEmpty() || rows.hasNext();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (underWay.size() < atOnce && rows.hasNext()) {
      Row row = rows.next();
      underWay.add(new Asked(row, ask(question.of(row))));
    }
    if (killed.getAsBoolean()) {
      throw new TaskKilledException("its answers are not wanted any more");
    }
    return answered(underWay.remove());
  }

  private CompletableFuture<Answer> ask(Question asked) {
    return asked == null
        ? CompletableFuture.failedFuture(new MoaException("The row asks nothing."))
        : mixture.generateAsync(asked);
  }

  private static Row answered(Asked asked) {
    try {
      Answer answer = asked.answer().get();
      return row(
          asked.row(),
          answer.text(),
          answer.decision().chosen().orElse(null),
          answer.decision().confidence(),
          answer.generation().stopReason().name(),
          IntStream.of(answer.generation().tokens()).boxed().toArray(Integer[]::new),
          null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MoaException failure
          && !(failure instanceof MixtureClosedException)) {
        return row(asked.row(), null, null, null, null, null, failure.getMessage());
      }
      throw new MoaException("The mixture cannot answer any more.", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskKilledException("interrupted");
    }
  }

  private static Row row(Row row, Object... answer) {
    Stream<Object> own = IntStream.range(0, row.size()).mapToObj(row::get);
    return RowFactory.create(Stream.concat(own, Arrays.stream(answer)).toArray());
  }

  /** Cancels what is under way. */
  @Override
  public void close() {
    underWay.forEach(asked -> asked.answer().cancel(true));
    underWay.clear();
  }
}
