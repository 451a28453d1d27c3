package io.github.moa4j.spring;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** An application that chats: one injected bean, and all else is in its properties. */
@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
class SampleApplication {

  private final ChatClient chat;

  SampleApplication(ChatClient.Builder chat) {
    this.chat = chat.build();
  }

  @GetMapping("/ask")
  String ask(@RequestParam("text") String text) {
    return chat.prompt(text).call().content();
  }

  @GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  Flux<String> stream(@RequestParam("text") String text) {
    return chat.prompt(text).stream().content();
  }
}
