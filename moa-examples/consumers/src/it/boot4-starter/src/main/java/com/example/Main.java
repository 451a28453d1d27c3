package com.example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** An application of Spring Boot 4 with the starter for Spring Boot 3: it must be told. */
@SpringBootApplication
public class Main {
  public static void main(String[] arguments) {
    try {
      SpringApplication.run(Main.class, "--moa.mixture=" + arguments[0]).close();
    } catch (RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (String.valueOf(cause.getMessage()).contains("Spring Boot 3.5 with Spring AI 1.1")) {
        return;
      }
      throw e;
    }
    throw new IllegalStateException("The application has started");
  }
}
