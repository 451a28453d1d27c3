package com.example;

import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.nio.file.Path;

/** Answers from a mixture, without ND4J. */
final class Main {
  public static void main(String[] arguments) {
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(Path.of(arguments[0])).open()) {
      Answer answer = mixture.generate(Question.of("Show the last 20 lines of users.log"));
      System.out.println(answer.decision().chosen() + ": " + answer.text());
    }
  }
}
