package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.chance;
import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Questions about the tables of a small shop and the queries that answer them. Clauses stand in the
 * same order in question and query, and every value is copied from the question.
 */
final class SqlQuestions {

  private static final List<Table> TABLES =
      List.of(
          new Table("customers", List.of("city", "country"), List.of("age")),
          new Table("students", List.of("city", "language"), List.of("age", "year")),
          new Table("books", List.of("language", "color"), List.of("price", "year")),
          new Table("cars", List.of("color", "country"), List.of("price", "weight")),
          new Table("tickets", List.of("city", "type"), List.of("price")));

  private SqlQuestions() {}

  /** A table, its columns that hold words and its columns that hold numbers; each has a name. */
  private record Table(String name, List<String> words, List<String> numbers) {}

  /** A part of the question with the part of the query that it becomes. */
  private record Clause(String question, String query) {}

  static Example sample(RandomGenerator random) {
    Table table = oneOf(random, TABLES);
    boolean rows = chance(random, 0.6);
    Clause selection = rows ? columns(table, random) : aggregate(table, random);
    Clause condition = condition(table, random);
    Clause order = rows && chance(random, 0.4) ? order(table, random) : new Clause("", "");
    return Example.of(
        selection.question() + condition.question() + order.question(),
        "select "
            + selection.query()
            + " from "
            + table.name()
            + condition.query()
            + order.query());
  }

  private static Clause columns(Table table, RandomGenerator random) {
    String column =
        oneOf(random, "name", oneOf(random, table.words()), numberColumn(table, random));
    boolean two = !column.equals("name") && chance(random, 0.5);
    String verb = oneOf(random, "Show the ", "List the ", "Give me the ", "What is the ");
    return new Clause(
        verb + (two ? "name and " : "") + column + oneOf(random, " of ", " of all ") + table.name(),
        (two ? "name, " : "") + column);
  }

  private static Clause aggregate(Table table, RandomGenerator random) {
    if (chance(random, 0.4)) {
      String start = oneOf(random, "How many ", "Count the ", "Number of ");
      return new Clause(start + table.name(), "count(*)");
    }
    String column = numberColumn(table, random);
    String kind = oneOf(random, "average", "highest", "lowest");
    String function =
        switch (kind) {
          case "average" -> "avg";
          case "highest" -> "max";
          default -> "min";
        };
    String start = oneOf(random, "What is the ", "Show the ", "Find the ");
    return new Clause(
        start + kind + " " + column + oneOf(random, " of ", " of all ") + table.name(),
        function + "(" + column + ")");
  }

  private static Clause condition(Table table, RandomGenerator random) {
    boolean with = random.nextBoolean();
    String is = with ? " " : " is ";
    List<Clause> tests = new ArrayList<>();
    if (chance(random, 0.6)) {
      tests.add(wordTest(table, is, random));
    }
    if (chance(random, tests.isEmpty() ? 0.8 : 0.35)) {
      tests.add(numberTest(table, is, random));
    }
    if (tests.isEmpty()) {
      return new Clause("", "");
    }
    return new Clause(
        (with ? " with " : " where ")
            + String.join(" and ", tests.stream().map(Clause::question).toList()),
        " where " + String.join(" and ", tests.stream().map(Clause::query).toList()));
  }

  private static Clause wordTest(Table table, String is, RandomGenerator random) {
    String column = oneOf(random, table.words());
    String value =
        switch (column) {
          case "city" -> oneOf(random, "London", "Paris", "Rome", "York", "Boston");
          case "country" -> oneOf(random, "Japan", "France", "China", "India", "Spain");
          case "language" -> oneOf(random, "English", "French", "German", "Latin");
          case "color" -> oneOf(random, "red", "green", "blue", "black", "white");
          default -> oneOf(random, "new", "used", "open", "paid");
        };
    return new Clause(column + is + value, column + " = '" + value + "'");
  }

  private static Clause numberTest(Table table, String is, RandomGenerator random) {
    String column = numberColumn(table, random);
    int value = column.equals("year") ? number(random, 1950, 2024) : number(random, 10, 99);
    boolean above = random.nextBoolean();
    String comparison = above ? oneOf(random, "over", "above") : oneOf(random, "under", "below");
    return new Clause(
        "%s%s%s %d".formatted(column, is, comparison, value),
        "%s %s %d".formatted(column, above ? ">" : "<", value));
  }

  private static Clause order(Table table, RandomGenerator random) {
    String column = oneOf(random, "name", numberColumn(table, random));
    boolean descending = chance(random, 0.4);
    return new Clause(
        oneOf(random, ", sorted by ", ", ordered by ")
            + column
            + (descending ? oneOf(random, " from high to low", " downwards") : ""),
        " order by " + column + (descending ? " desc" : ""));
  }

  private static String numberColumn(Table table, RandomGenerator random) {
    return oneOf(random, table.numbers());
  }
}
