package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.router.access.AuditFile;
import io.github.moa4j.router.access.AuditRecord;
import io.github.moa4j.router.access.AuditRecord.Event;
import io.github.moa4j.router.access.AuditTrail;
import io.github.moa4j.router.access.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whichever way a question comes, its record is kept before the caller gets what it tells of. */
final class AuditedMixtureTest {

  private static final Caller ANNA = Caller.named("anna").seeing(Set.of("colours"));

  @TempDir static Path folder;
  private static TestMixture files;
  private final List<AuditRecord> records = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void write() {
    files = TestMixture.in(folder);
  }

  private static MixtureOfLoras open(AuditTrail trail) {
    return MixtureOfLoras.builder(files.directory.directory()).audit(trail).open();
  }

  private static Question question() {
    return Question.of("red green blue red").with(GenerationOptions.greedy(4)).as(ANNA);
  }

  private List<Event> events() {
    return records.stream().map(AuditRecord::event).toList();
  }

  @Test
  void tellsWhoGotWhichAdapter() {
    try (MixtureOfLoras mixture = open(records::add)) {
      Answer answer = mixture.generate(question());
      assertThat(events()).containsExactly(Event.BEGUN, Event.ENDED);
      AuditRecord end = records.get(1);
      assertThat(end.question()).isEqualTo(records.get(0).question()).isNotBlank();
      assertThat(end.caller()).contains("anna");
      assertThat(end.asked()).isEmpty();
      assertThat(end.domain()).contains("colours");
      assertThat(end.versions()).isEqualTo(answer.versions()).containsKey("colours");
      assertThat(end.confidence()).hasValue(answer.decision().confidence());
      assertThat(end.promptTokens()).isEqualTo(answer.generation().promptTokens());
      assertThat(end.answerTokens()).isEqualTo(answer.generation().tokens().length);
      assertThat(end.error()).isEmpty();
    }
  }

  @Test
  void everyWayOfAskingIsKept() throws Exception {
    try (MixtureOfLoras mixture = open(records::add)) {
      mixture.route(question());
      assertThat(events()).containsExactly(Event.ROUTED);
      try (AnswerStream stream = mixture.stream(question())) {
        assertThat(stream.decision().chosen()).contains("colours");
        assertThat(events()).containsExactly(Event.ROUTED, Event.BEGUN);
        stream.forEachRemaining(piece -> {});
        assertThat(events()).endsWith(Event.BEGUN, Event.ENDED).hasSize(3);
      }
      mixture.generateAsync(question()).get();
      assertThat(events()).endsWith(Event.BEGUN, Event.ENDED).hasSize(5);
      mixture.generate(List.of(question(), question()));
      assertThat(events()).hasSize(9);
      CountDownLatch completed = new CountDownLatch(1);
      mixture.publish(question()).subscribe(new Waiting(completed));
      completed.await();
      assertThat(events()).endsWith(Event.BEGUN, Event.ENDED).hasSize(11);
      assertThat(records).allMatch(record -> record.caller().equals(Optional.of("anna")));
    }
  }

  private record Waiting(CountDownLatch completed) implements Flow.Subscriber<String> {

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String piece) {}

    @Override
    public void onError(Throwable failure) {
      completed.countDown();
    }

    @Override
    public void onComplete() {
      completed.countDown();
    }
  }

  @Test
  void aDomainThatIsRefusedIsKeptAndAWordThatIsNoneIsNot() {
    try (MixtureOfLoras mixture = open(records::add)) {
      assertThatThrownBy(() -> mixture.generate(question().inDomain("numbers")))
          .hasMessageContaining("There is no domain 'numbers'");
      assertThatThrownBy(() -> mixture.generate(question().inDomain("my own words")));
      assertThat(events()).containsExactly(Event.ENDED, Event.ENDED);
      assertThat(records.get(0).asked()).contains("numbers");
      assertThat(records.get(0).error()).contains("UnknownDomainException");
      assertThat(records.get(1).asked()).isEmpty();
    }
  }

  @Test
  void whatCannotBeKeptIsNotAnswered() {
    for (Event failing : List.of(Event.BEGUN, Event.ENDED)) {
      AuditTrail full =
          record -> {
            if (record.event() == failing && record.error().isEmpty()) {
              throw new MoaException("The disk is full.");
            }
          };
      try (MixtureOfLoras mixture = open(full)) {
        assertThatThrownBy(() -> mixture.generate(question())).hasMessage("The disk is full.");
        assertThatThrownBy(() -> mixture.generateAsync(question()).get())
            .hasRootCauseMessage("The disk is full.");
        assertThat(mixture.generate(List.of(question())).get(0).failure().orElseThrow())
            .hasMessage("The disk is full.");
        assertThatThrownBy(
                () -> {
                  try (AnswerStream stream = mixture.stream(question())) {
                    stream.forEachRemaining(piece -> {});
                  }
                })
            .hasMessage("The disk is full.");
        assertThat(mixture.registry().openLeases()).isZero();
      }
    }
  }

  @Test
  void theFileHoldsNoWordOfQuestionsAndAnswers() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    String text;
    try (AuditFile audit = AuditFile.open(file);
        MixtureOfLoras mixture = open(audit)) {
      text = mixture.generate(question()).text();
      assertThat(Files.readAllLines(file)).hasSize(2);
    }
    assertThat(Files.readString(file)).contains("\"anna\"").doesNotContain("green", "blue", text);
  }
}
