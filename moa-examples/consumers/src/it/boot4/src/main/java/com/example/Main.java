package com.example;

import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application of Spring Boot 4 that opens the mixture itself; Spring closes it. */
@SpringBootApplication
public class Main {
  public static void main(String[] arguments) {
    SpringApplication.run(Main.class, "--mixture=" + arguments[0]).close();
  }

  @Bean
  MixtureOfLoras mixture(@Value("${mixture}") Path directory) {
    return MixtureOfLoras.builder(directory).open();
  }

  @Bean
  CommandLineRunner ask(MixtureOfLoras mixture) {
    return arguments ->
        System.out.println(
            mixture.generate(Question.of("Show the last 20 lines of users.log")).text());
  }
}
