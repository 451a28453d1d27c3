package com.example;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application whose mixture comes from a property. */
@SpringBootApplication
public class Main {
  public static void main(String[] arguments) {
    SpringApplication.run(Main.class, "--moa.mixture=" + arguments[0]).close();
  }

  @Bean
  CommandLineRunner ask(ChatClient.Builder chat) {
    return arguments ->
        System.out.println(
            chat.build().prompt("Show the last 20 lines of users.log").call().content());
  }
}
