package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.router.monitoring.MixtureStatus;
import io.github.moa4j.router.monitoring.ObservedAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/** What a mixture tells of its work, and that no text is in it. */
class MonitoringTest extends MixtureTest {

  private static Question question(String domain) {
    return Question.of(TestMixture.prompt(domain, 100)).with(GenerationOptions.greedy(8));
  }

  @Test
  void itsStatusIsOneRecord() {
    try (MixtureOfLoras mixture = open()) {
      MixtureStatus before = mixture.status();
      assertThat(before.domains())
          .isEqualTo(
              Map.of(
                  "colours", new MixtureStatus.Domain(1, 0, false),
                  "numbers", new MixtureStatus.Domain(1, 0, false)));
      assertThat(before.residentBytes()).isZero();
      assertThat(before.routed()).isTrue();

      Answer answer = mixture.generate(question("colours"));
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colour")))
          .isInstanceOf(AdapterException.class);

      MixtureStatus after = mixture.status();
      assertThat(after.domains().get("colours").resident()).isTrue();
      assertThat(after.residentBytes()).isPositive();
      assertThat(after.directory()).isEqualTo(files.directory.directory());
      assertThat(after.baseFingerprint()).isEqualTo(mixture.base().fingerprint());
      assertThat(after.counts().answered()).isEqualTo(1);
      assertThat(after.counts().failed()).isEqualTo(1);
      assertThat(after.counts().promptTokens()).isEqualTo(answer.generation().promptTokens());
      assertThat(after.counts().answerTokens()).isEqualTo(answer.generation().tokens().length);
      while (mixture.status().running() > 0) { // which tells of the last step, the answer's own
        Thread.onSpinWait();
      }
      assertThat(after.waiting()).isZero();
      assertThat(after.adapterLeases()).isZero();
      assertThat(after.prefixBytes()).isNotNegative();
    }
  }

  @Test
  void itsStatusShowsWhatRuns() {
    TestMixture endless = TestMixture.in(folder.resolve("long"), TestMixture.LONG_CONTEXT);
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(endless.directory.directory()).open();
        AnswerStream stream = mixture.stream(TestMixture.withoutEnd(mixture))) {
      stream.next();
      while (mixture.status().running() == 0) { // which tells of the step before
        Thread.onSpinWait();
      }

      MixtureStatus running = mixture.status();
      assertThat(running.running()).isEqualTo(1);
      assertThat(running.openRequests()).isEqualTo(1);
      assertThat(running.adapterLeases()).isEqualTo(1);
      assertThat(running.cacheBytes()).isPositive();
      long cancelled = running.counts().cancelled();
      stream.cancel();
      stream.result();
      assertThat(mixture.status().counts().cancelled()).isEqualTo(cancelled + 1);
      assertThat(mixture.status().openRequests()).isZero();
    }
  }

  @Test
  void observersAreToldOfEveryAnswerHoweverItIsAsked() {
    List<ObservedAnswer> told = new CopyOnWriteArrayList<>();
    try (MixtureOfLoras mixture = open()) {
      mixture.observe(
          answer -> {
            throw new IllegalStateException("this one fails");
          });
      mixture.observe(
          answer -> {
            throw new NoSuchMethodError("this one was built for another library");
          });
      mixture.observe(told::add);
      Answer answer = mixture.generate(question("colours"));
      var future = mixture.generateAsync(question("numbers").inDomain("numbers"));
      future.join();
      try (AnswerStream stream = mixture.stream(question("colours"))) {
        stream.result();
      }
      mixture.generate(List.of(question("numbers"), question("numbers").inDomain("none")));
      assertThatThrownBy(() -> mixture.generate(question("colours").within(Duration.ofNanos(1))))
          .isInstanceOf(DeadlineExceededException.class);

      assertThat(told).hasSize(6);
      ObservedAnswer first = told.get(0);
      assertThat(first.asked()).isEmpty();
      assertThat(first.answered()).contains("colours");
      assertThat(first.versions()).isEqualTo(Map.of("colours", 1));
      assertThat(first.confidence()).hasValue(answer.decision().confidence());
      assertThat(first.answerTokens()).isEqualTo(answer.generation().tokens().length);
      assertThat(first.timings()).isEqualTo(answer.generation().timings());
      assertThat(first.stopReason()).contains(StopReason.MAX_NEW_TOKENS);
      assertThat(first.duration()).isGreaterThan(first.timings().timeToFirstToken());
      assertThat(told.get(1).asked()).contains("numbers");
      assertThat(told.get(1).confidence()).isEmpty();
      assertThat(told).filteredOn(each -> each.error().isPresent()).hasSize(2);
      assertThat(told.get(5).error()).contains("DeadlineExceededException");
    }
  }

  @Test
  void theMixturesTimeLimitIsThatOfQuestionsWithoutOne() {
    try (MixtureOfLoras mixture =
        MixtureOfLoras.builder(files.directory.directory()).timeLimit(Duration.ofNanos(1)).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours")))
          .isInstanceOf(DeadlineExceededException.class);
      assertThat(mixture.generate(question("colours").within(Duration.ofMinutes(1))).text())
          .isNotEmpty();
    }
  }

  @Test
  void theFlightRecorderSeesRequestsRoutingAndAdaptersAndNoText() throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      for (String name : List.of("Request", "Routing", "AdapterLoad")) {
        recording.enable("io.github.moa4j." + name).withoutThreshold();
      }
      recording.start();
      try (MixtureOfLoras mixture = open()) {
        mixture.generate(question("colours"));
        mixture.generate(question("numbers").inDomain("numbers"));
      }
      recording.stop();
      recording.dump(file);
    }

    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    List<RecordedEvent> requests = named(events, "Request");
    assertThat(requests).hasSize(2);
    assertThat(requests.get(0).getString("domain")).isEqualTo("colours");
    assertThat(requests.get(0).getInt("version")).isEqualTo(1);
    assertThat(requests.get(0).getInt("answerTokens")).isEqualTo(8);
    assertThat(requests.get(0).getDuration("decode")).isPositive();
    assertThat(requests.get(0).getDuration("total"))
        .isGreaterThan(requests.get(0).getDuration("decode"));
    assertThat(named(events, "Routing")).hasSize(1);
    assertThat(named(events, "Routing").get(0).getString("domain")).isEqualTo("colours");
    assertThat(named(events, "Routing").get(0).getDouble("confidence")).isPositive();
    assertThat(named(events, "AdapterLoad"))
        .extracting(event -> event.getString("domain"))
        .containsExactly("colours", "numbers");
    assertThat(named(events, "AdapterLoad").get(0).getLong("size")).isPositive();
    for (String word : TestMixture.prompt("colours", 100).split(" ", -1)) {
      assertThat(events.toString()).doesNotContain("\"" + word).doesNotContain(word + " ");
    }
    assertThat(Files.size(file)).isPositive();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("io.github.moa4j." + name))
        .toList();
  }
}
