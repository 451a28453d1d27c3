package com.example;

import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.server.MoaServer;
import io.github.moa4j.server.ServerSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/** Serves a mixture behind OpenAI's API, beside the library's other modules. */
final class Main {
  public static void main(String[] arguments) throws Exception {
    ServerSettings settings = ServerSettings.builder().port(0).build();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(Path.of(arguments[0])).open();
        MoaServer server = MoaServer.start(mixture, settings)) {
      String question =
          "{\"model\": \"auto\", \"max_tokens\": 16, \"messages\": [{\"role\": \"user\","
              + " \"content\": \"Show the last 20 lines of users.log\"}]}";
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(question))
              .build();
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(answer.body());
      }
      System.out.println(answer.body());
    }
  }
}
