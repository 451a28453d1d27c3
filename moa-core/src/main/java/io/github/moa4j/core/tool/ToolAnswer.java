package io.github.moa4j.core.tool;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ToolCall;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An answer's text, taken apart.
 *
 * @param text what is said
 * @param calls what is called, in order
 */
public record ToolAnswer(String text, List<ToolCall> calls) {

  /** Before a call, in the families that mark calls: Hermes and Qwen, Granite, Phi, Mistral. */
  static final List<String> MARKS =
      List.of("<tool_call>", "<|tool_call|>", "<|python_tag|>", "[TOOL_CALLS]");

  private static final Pattern MARK =
      Pattern.compile(MARKS.stream().map(Pattern::quote).collect(Collectors.joining("|")));

  private static final Pattern END = Pattern.compile("\\s*(</tool_call>|<\\|/tool_call\\|>)?");
  private static final Pattern NAMED = Pattern.compile("\\s*([\\w.-]{1,100})\\s*(\\[ARGS])?\\s*");
  private static final Pattern BETWEEN = Pattern.compile("\\s*[;,]?\\s*");
  private static final String SIGNS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int ID_LENGTH = 9; // what Mistral's templates ask for

  /** Copies the calls. */
  public ToolAnswer {
    calls = List.copyOf(calls);
  }

  /**
   * Reads an answer in any of the families' forms: marked calls with what is said before and
   * between them, or a text that is nothing but calls of known tools, as Llama writes them, or as
   * the others do when their marks are control tokens, which are no text. What is no whole call is
   * text. Calls without an id get one.
   *
   * @param names of the conversation's tools
   */
  public static ToolAnswer read(String answer, Collection<String> names) {
    Reader reader = new Reader(answer, names);
    return reader.marked().or(reader::unmarked).orElse(new ToolAnswer(answer, List.of()));
  }

  /** Returns the message with which the conversation goes on. */
  public ChatMessage message() {
    return calls.isEmpty()
        ? ChatMessage.assistant(text)
        : ChatMessage.calling(calls.toArray(ToolCall[]::new)).withContent(text);
  }

  /** Reads one answer from its start to its end. */
  private static final class Reader {

    private final String answer;
    private final Collection<String> names;
    private final List<ToolCall> calls = new ArrayList<>();
    private int at;

    Reader(String answer, Collection<String> names) {
      this.answer = answer;
      this.names = names;
    }

    Optional<ToolAnswer> marked() {
      StringBuilder said = new StringBuilder();
      Matcher mark = MARK.matcher(answer);
      int from = 0;
      while (mark.find(from)) {
        said.append(answer, from, mark.start());
        at = mark.end();
        if (!calls(true)) {
          return Optional.empty(); // a mark that no call follows: all of it is text
        }
        Matcher end = END.matcher(answer).region(at, answer.length());
        from = end.lookingAt() ? end.end() : at;
      }
      if (calls.isEmpty()) {
        return Optional.empty();
      }
      said.append(answer, from, answer.length());
      return Optional.of(new ToolAnswer(said.toString().strip(), calls));
    }

    Optional<ToolAnswer> unmarked() {
      calls.clear();
      at = 0;
      return calls(false) && answer.substring(at).isBlank()
          ? Optional.of(new ToolAnswer("", calls))
          : Optional.empty();
    }

    /** Reads one call after the other, or a list of them; tells whether there was at least one. */
    private boolean calls(boolean marked) {
      boolean any = false;
      while (one(marked)) {
        any = true;
        skip(BETWEEN);
      }
      return any;
    }

    private boolean one(boolean marked) {
      skip(Pattern.compile("\\s*"));
      if (at == answer.length()) {
        return false;
      }
      char first = answer.charAt(at);
      if (first == '{' || first == '[') {
        return json(first == '[', marked);
      }
      Matcher named = NAMED.matcher(answer).region(at, answer.length());
      return named.lookingAt()
          && (marked || names.contains(named.group(1)))
          && arguments(named.group(1), named.end());
    }

    private boolean json(boolean list, boolean marked) {
      int end = JsonEnd.of(answer, at);
      Object value = end < 0 ? null : value(answer.substring(at, end));
      if (value == null) {
        return false;
      }
      List<ToolCall> found = new ArrayList<>();
      for (Object element : list ? (List<?>) value : List.of(value)) {
        Optional<ToolCall> call = call(element);
        if (call.isEmpty() || (!marked && !names.contains(call.get().name()))) {
          return false;
        }
        found.add(call.get());
      }
      calls.addAll(found);
      at = end;
      return !found.isEmpty();
    }

    private boolean arguments(String name, int from) {
      if (from >= answer.length() || answer.charAt(from) != '{') {
        return false;
      }
      int end = JsonEnd.of(answer, from);
      if (end < 0 || !(value(answer.substring(from, end)) instanceof Map<?, ?> arguments)) {
        return false;
      }
      calls.add(new ToolCall(newId(), name, named(arguments)));
      at = end;
      return true;
    }

    private void skip(Pattern pattern) {
      Matcher matcher = pattern.matcher(answer).region(at, answer.length());
      at = matcher.lookingAt() ? matcher.end() : at;
    }
  }

  private static Optional<ToolCall> call(Object value) {
    if (!(value instanceof Map<?, ?> outer)) {
      return Optional.empty();
    }
    Map<?, ?> call = outer.get("function") instanceof Map<?, ?> inner ? inner : outer;
    Object given = call.containsKey("arguments") ? call.get("arguments") : call.get("parameters");
    Object arguments =
        given instanceof String text ? value(text) : given == null ? Map.of() : given;
    if (!(call.get("name") instanceof String name)
        || name.isBlank()
        || !(arguments instanceof Map<?, ?> map)) {
      return Optional.empty();
    }
    String id = outer.get("id") instanceof String own && !own.isBlank() ? own : newId();
    return Optional.of(new ToolCall(id, name, named(map)));
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, Object> named(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }

  /** Returns the value of a JSON text, null if it is none. */
  private static Object value(String json) {
    try {
      return Json.value(json, "a call", MoaException::new);
    } catch (MoaException e) {
      return null;
    }
  }

  private static String newId() {
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(SIGNS.charAt(ThreadLocalRandom.current().nextInt(SIGNS.length())));
    }
    return id.toString();
  }
}
