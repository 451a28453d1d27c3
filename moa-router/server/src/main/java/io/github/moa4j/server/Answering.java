package io.github.moa4j.server;

import io.github.moa4j.core.generation.AnswerInterruptedException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationResult.Token;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.UnknownDomainException;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Answers what clients ask, whole or piece by piece. Thread-safe. */
final class Answering {

  private final MixtureOfLoras mixture;
  private final Models models;
  private final Metrics metrics;

  Answering(MixtureOfLoras mixture, Models models, Metrics metrics) {
    this.mixture = mixture;
    this.models = models;
    this.metrics = metrics;
  }

  /** Answers in this thread, which waits for the model and for the client. */
  void answer(Exchange exchange, Asked asked, Client client) {
    List<Question> questions = questions(asked, client);
    try (Streams streams = new Streams()) {
      for (Question question : questions) {
        streams.open.add(mixture.stream(question));
      }
      new Reply(exchange, asked, streams.open).send();
    } catch (AnswerInterruptedException | InterruptedException e) {
      exchange.fail(ApiError.closing()); // unless it is the client who has left
    } catch (RuntimeException e) {
      ApiError error =
          e instanceof UnknownDomainException ? ApiError.noModel(asked.model()) : ApiError.of(e);
      metrics.refused(error.code());
      exchange.fail(error);
    }
  }

  private List<Question> questions(Asked asked, Client client) {
    List<Question> questions = new ArrayList<>();
    for (Conversation prompt : asked.prompts()) {
      for (GenerationOptions choice : asked.choices()) {
        Question question = Question.of(prompt).with(choice).calling(asked.toolChoice());
        questions.add(models.addressed(question, asked.model(), client));
      }
    }
    return questions;
  }

  /** Answers under way, all of which end here. */
  private static final class Streams implements AutoCloseable {

    private final List<AnswerStream> open = new ArrayList<>();

    @Override
    public void close() {
      open.forEach(AnswerStream::cancel);
      open.forEach(AnswerStream::close);
    }
  }

  /** The response to one request. */
  private final class Reply {

    private final Exchange exchange;
    private final Asked asked;
    private final List<AnswerStream> streams;
    private final List<LogProbs> logProbs; // one an answer
    private final String id;
    private final long created = Instant.now().getEpochSecond();

    Reply(Exchange exchange, Asked asked, List<AnswerStream> streams) {
      this.exchange = exchange;
      this.asked = asked;
      this.streams = streams;
      this.logProbs = streams.stream().map(stream -> new LogProbs(asked.format())).toList();
      this.id = asked.format().id(UUID.randomUUID().toString().replace("-", ""));
    }

    void send() throws InterruptedException {
      RoutingDecision decision = streams.get(0).decision();
      exchange.header("x-moa-domain", decision.chosen().orElse(""));
      exchange.header(
          "x-moa-confidence", String.format(Locale.ROOT, "%.4f", decision.confidence()));
      exchange.header("x-request-id", id);
      if (asked.streamed()) {
        pieces();
      } else {
        whole();
      }
    }

    private void whole() {
      List<Map<String, Object>> choices = new ArrayList<>();
      for (int i = 0; i < streams.size(); i++) {
        Answer answer = streams.get(i).result();
        Map<String, Object> choice =
            asked
                .format()
                .choice(i, echoed(i) + answer.text(), answer.toolCalls(), finishReason(answer));
        choice.put("logprobs", logProbs(i, answer.generation().logProbabilities()));
        choice.put("moa", decision(streams.get(i)));
        choices.add(choice);
      }
      Map<String, Object> reply = envelope(streams.get(0), choices);
      reply.put("usage", usage());
      reply.put("moa", decision(streams.get(0)));
      exchange.send(200, reply);
    }

    private void pieces() throws InterruptedException {
      exchange.beginEvents();
      for (int i = 0; i < streams.size(); i++) {
        for (Map<String, Object> opening : asked.format().opening(i, echoed(i))) {
          Map<String, Object> event = envelope(streams.get(i), List.of(opening));
          event.put("moa", decision(streams.get(i)));
          exchange.event(event);
        }
      }
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < streams.size(); i++) {
        open.add(i);
      }
      while (!open.isEmpty()) {
        for (int i : List.copyOf(open)) {
          AnswerStream stream = streams.get(i);
          if (stream.hasNext()) {
            Map<String, Object> piece = asked.format().piece(i, stream.next());
            piece.put("logprobs", logProbs(i, stream.tokens()));
            exchange.event(envelope(stream, List.of(piece)));
          } else {
            for (Map<String, Object> piece : ending(i, stream)) {
              exchange.event(envelope(stream, List.of(piece)));
            }
            open.remove((Object) i);
          }
        }
      }
      if (asked.countsStreamed()) {
        Map<String, Object> counts = envelope(streams.get(0), List.of());
        counts.put("usage", usage());
        exchange.event(counts);
      }
      exchange.endEvents();
    }

    private List<Map<String, Object>> ending(int index, AnswerStream stream) {
      Answer answer = stream.result();
      List<Map<String, Object>> pieces = new ArrayList<>();
      if (!answer.toolCalls().isEmpty()) {
        pieces.add(asked.format().calls(index, answer.toolCalls()));
      }
      Map<String, Object> last = asked.format().last(index, finishReason(answer));
      last.put("logprobs", logProbs(index, stream.tokens()));
      pieces.add(last);
      return pieces;
    }

    /** Returns what is told of an answer's next tokens; null if that is not asked for. */
    private Object logProbs(int index, List<Token> tokens) {
      return asked.tellsLogProbs() ? logProbs.get(index).of(tokens) : null;
    }

    private String echoed(int index) {
      if (!asked.echo()) {
        return "";
      }
      List<ChatMessage> messages = asked.prompts().get(index / asked.choices().size()).messages();
      return messages.get(messages.size() - 1).content();
    }

    private Map<String, Object> envelope(AnswerStream stream, List<Map<String, Object>> choices) {
      Map<String, Object> envelope = new LinkedHashMap<>();
      envelope.put("id", id);
      envelope.put("object", asked.format().object(asked.streamed()));
      envelope.put("created", created);
      envelope.put("model", models.named(stream.decision().chosen()));
      envelope.put("system_fingerprint", "moa_" + mixture.base().fingerprint().substring(0, 12));
      envelope.put("choices", choices);
      if (asked.streamed() && asked.countsStreamed()) {
        envelope.put("usage", null); // all but the last piece, as OpenAI has it
      }
      return envelope;
    }

    /** Counts the tokens of each prompt once, and those of all answers to it. */
    private Map<String, Object> usage() {
      int prompt = 0;
      int reused = 0;
      int completion = 0;
      for (int i = 0; i < streams.size(); i++) {
        Answer answer = streams.get(i).result();
        completion += answer.generation().tokens().length;
        if (i % asked.choices().size() == 0) {
          prompt += answer.generation().promptTokens();
          reused += answer.generation().reusedTokens();
        }
      }
      Map<String, Object> usage = new LinkedHashMap<>();
      usage.put("prompt_tokens", prompt);
      usage.put("completion_tokens", completion);
      usage.put("total_tokens", prompt + completion);
      usage.put("prompt_tokens_details", Map.of("cached_tokens", reused));
      return usage;
    }
  }

  private static String finishReason(Answer answer) {
    if (!answer.toolCalls().isEmpty()) {
      return "tool_calls";
    }
    StopReason reason = answer.generation().stopReason();
    return reason == StopReason.END_TOKEN || reason == StopReason.STOP_STRING ? "stop" : "length";
  }

  /** What the router said, and who answers. */
  private static Map<String, Object> decision(AnswerStream stream) {
    RoutingDecision decision = stream.decision();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("domain", decision.chosen().orElse(null));
    fields.put("confidence", decision.confidence());
    fields.put("probabilities", decision.probabilities());
    fields.put("adapters", stream.adapters());
    return fields;
  }
}
