package com.example;

import dev.langchain4j.model.chat.ChatModel;
import io.github.moa4j.langchain4j.MoaChatModel;
import io.github.moa4j.router.MixtureOfLoras;
import java.nio.file.Path;

/** Asks a mixture as LangChain4j's chat model. */
final class Main {
  public static void main(String[] arguments) {
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(Path.of(arguments[0])).open()) {
      ChatModel model = MoaChatModel.of(mixture);
      System.out.println(model.chat("Show the last 20 lines of users.log"));
    }
  }
}
