package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.training.personal.PersonalData;
import io.github.moa4j.training.personal.PersonalKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * All texts of an example: those of its messages, what else these say, documents and the answer.
 * Descriptions of tools do not count, nor what names things to programs.
 */
final class ExampleTexts {

  /** Fields of a message that name things to programs, not to people. */
  private static final Set<String> NAMES = Set.of("tool_call_id", "id", "type");

  private ExampleTexts() {}

  /** Counts the personal data in examples; every kind has a count. */
  static Map<PersonalKind, Integer> count(PersonalData personal, Collection<Example> examples) {
    Map<PersonalKind, Integer> counts = new EnumMap<>(PersonalKind.class);
    for (PersonalKind kind : PersonalKind.values()) {
      counts.put(kind, 0);
    }
    UnaryOperator<String> counting =
        text -> {
          personal.find(text).forEach(found -> counts.merge(found.kind(), 1, Integer::sum));
          return text;
        };
    examples.forEach(example -> each(example, counting));
    return counts;
  }

  /** Replaces every text of an example; the input stays the end of the last message. */
  static Example each(Example example, UnaryOperator<String> change) {
    Conversation context = example.context();
    List<ChatMessage> messages = new ArrayList<>();
    List<ChatMessage> prompt = context.messages();
    prompt.subList(0, prompt.size() - 1).forEach(message -> messages.add(each(message, change)));
    ChatMessage last = prompt.get(prompt.size() - 1);
    String input = change.apply(example.input());
    String question = change.apply(example.instruction());
    messages.add(
        with(last, input.isEmpty() ? question : question + "\n" + input, last.fields(), change));
    Conversation changed =
        new Conversation(
            messages,
            context.tools(),
            context.documents().stream().map(document -> map(document, change)).toList(),
            context.variables());
    return new Example(changed, each(example.reply(), change), input);
  }

  private static ChatMessage each(ChatMessage message, UnaryOperator<String> change) {
    return with(message, change.apply(message.content()), message.fields(), change);
  }

  private static ChatMessage with(
      ChatMessage message,
      String content,
      Map<String, Object> fields,
      UnaryOperator<String> change) {
    Map<String, Object> others = new LinkedHashMap<>(fields);
    others.remove("content"); // its parts: the content holds them all
    return new ChatMessage(message.role(), content, map(others, change));
  }

  private static Map<String, Object> map(Map<?, ?> values, UnaryOperator<String> change) {
    Map<String, Object> changed = new LinkedHashMap<>();
    values.forEach(
        (key, value) ->
            changed.put((String) key, NAMES.contains(key) ? value : value(value, change)));
    return changed;
  }

  private static Object value(Object value, UnaryOperator<String> change) {
    if (value instanceof String text) {
      return change.apply(text);
    }
    if (value instanceof Map<?, ?> map) {
      return map(map, change);
    }
    if (value instanceof List<?> list) {
      List<Object> changed = new ArrayList<>();
      list.forEach(element -> changed.add(value(element, change)));
      return changed;
    }
    return value;
  }
}
