package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.tool.ToolChoice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Description;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tools that are beans of the application, and named in the prompt only. */
@SpringBootTest(
    classes = {SampleApplication.class, ToolBeansTest.Beans.class},
    webEnvironment = WebEnvironment.NONE,
    properties = {"moa.abstention-threshold=0", "moa.chat.max-tokens=64"})
final class ToolBeansTest {

  private static final List<String> CALLED = Collections.synchronizedList(new ArrayList<>());

  @Autowired ChatClient.Builder client;

  record City(String city) {}

  record Report(String sky) {}

  @TestConfiguration
  static class Beans {

    @Bean
    @Description("Tells the sky over a city")
    Function<City, Report> skyOver() {
      return city -> {
        CALLED.add("skyOver " + city.city());
        return new Report("sunny");
      };
    }

    @Bean
    ToolCallback harbourOf() {
      return FunctionToolCallback.builder(
              "harbourOf",
              (City city) -> {
                CALLED.add("harbourOf");
                return "none";
              })
          .description("Tells the harbour of a city")
          .inputType(City.class)
          .build();
    }
  }

  @DynamicPropertySource
  static void mixture(DynamicPropertyRegistry properties) {
    properties.add("moa.mixture", TrainedMixture.folder()::toString);
  }

  @BeforeEach
  void nothingIsCalledYet() {
    CALLED.clear();
  }

  @Test
  void aFunctionIsCalledByItsBeansName() {
    String answer =
        client
            .build()
            .prompt(TrainedMixture.WEATHER_QUESTION)
            .toolNames("skyOver")
            .call()
            .content();
    assertThat(CALLED).containsExactly("skyOver Oslo");
    assertThat(answer).isEqualTo(TrainedMixture.WEATHER_ANSWER);
  }

  @Test
  void aCallbackIsCalledByItsToolsName() {
    client
        .build()
        .prompt(TrainedMixture.QUESTION)
        .options(MoaChatOptions.builder().toolChoice(ToolChoice.named("harbourOf")).build())
        .toolNames("harbourOf", "skyOver")
        .stream()
        .content()
        .blockLast();
    assertThat(CALLED).containsExactly("harbourOf");
  }

  @Test
  void aNameThatIsNoBeansIsTold() {
    assertThatThrownBy(
            () -> client.build().prompt(TrainedMixture.QUESTION).toolNames("gone").call().content())
        .hasMessageContaining("gone");
  }
}
