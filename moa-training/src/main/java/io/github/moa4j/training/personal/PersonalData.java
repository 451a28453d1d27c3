package io.github.moa4j.training.personal;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Finds personal data by its patterns, and masks it. It finds what has a form: names, places of
 * people and what is told of them it does not. Immutable.
 *
 * @param phoneRegions countries (ISO 3166, such as {@code DE}) whose phone numbers are found as
 *     they are dialled there, without the country's code; with it, those of all countries are
 */
public record PersonalData(Set<String> phoneRegions) implements Serializable {

  /** Fields of a message that name things to programs, not to people. */
  private static final Set<String> NAMES = Set.of("tool_call_id", "id", "type");

  /**
   * Something that was found.
   *
   * @param start its first character in the text
   * @param end behind its last
   */
  public record Found(PersonalKind kind, int start, int end) {}

  /**
   * Checks and copies the regions.
   *
   * @throws IllegalArgumentException if there is no such country
   */
  public PersonalData {
    phoneRegions = Set.copyOf(new TreeSet<>(phoneRegions));
    for (String region : phoneRegions) {
      if (!PhoneNumbers.isRegion(region)) {
        throw new IllegalArgumentException(
            "phoneRegions has '" + region + "', expected a country of ISO 3166 such as DE or US");
      }
    }
  }

  /** Finds phone numbers with their country's code only. */
  public static PersonalData international() {
    return new PersonalData(Set.of());
  }

  /** Returns what stands in a text, in its order; nothing overlaps. */
  public List<Found> find(String text) {
    PlainText plain = new PlainText(text);
    Map<PersonalKind, List<Span>> spans = new EnumMap<>(PersonalKind.class);
    spans.put(PersonalKind.EMAIL, EmailAddresses.in(plain.toString()));
    spans.put(PersonalKind.IBAN, Ibans.in(plain.toString()));
    spans.put(PersonalKind.CARD, CardNumbers.in(plain.toString()));
    spans.put(PersonalKind.IP_ADDRESS, IpAddresses.in(plain.toString()));
    spans.put(PersonalKind.PHONE, PhoneNumbers.in(plain.toString(), phoneRegions));
    List<Span> taken = new ArrayList<>();
    List<Found> found = new ArrayList<>();
    spans.forEach(
        (kind, ofKind) -> {
          for (Span span : ofKind) {
            if (taken.stream().noneMatch(span::overlaps)) {
              taken.add(span);
              found.add(new Found(kind, plain.start(span.start()), plain.end(span.end())));
            }
          }
        });
    found.sort(Comparator.comparingInt(Found::start));
    return found;
  }

  /** Counts what stands in examples, in prompts and answers together; every kind has a count. */
  public Map<PersonalKind, Integer> count(Collection<Example> examples) {
    Map<PersonalKind, Integer> counts = new EnumMap<>(PersonalKind.class);
    for (PersonalKind kind : PersonalKind.values()) {
      counts.put(kind, 0);
    }
    UnaryOperator<String> counting =
        text -> {
          find(text).forEach(found -> counts.merge(found.kind(), 1, Integer::sum));
          return text;
        };
    examples.forEach(example -> eachText(example, counting));
    return counts;
  }

  /** Returns a text with every find replaced by its kind, such as {@code [EMAIL]}. */
  public String mask(String text) {
    StringBuilder masked = new StringBuilder();
    int end = 0;
    for (Found found : find(text)) {
      masked.append(text, end, found.start()).append(found.kind().mask());
      end = found.end();
    }
    return masked.append(text, end, text.length()).toString();
  }

  /**
   * Returns an example with all its texts masked: those of messages, what else they say, documents
   * and the answer. Tools' descriptions stay, and what names things to programs.
   */
  public Example mask(Example example) {
    return eachText(example, this::mask);
  }

  /** Returns a domain with all examples masked, those to measure on as well. */
  public Domain mask(Domain domain) {
    return new Domain(
        domain.name(),
        domain.train().stream().map(this::mask).toList(),
        domain.validation().stream().map(this::mask).toList(),
        domain.sources());
  }

  /** Replaces every text of an example; the input stays the end of the last message. */
  private static Example eachText(Example example, UnaryOperator<String> change) {
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
    return new ChatMessage(message.role(), content, map(fields, change));
  }

  private static Map<String, Object> map(Map<?, ?> values, UnaryOperator<String> change) {
    Map<String, Object> changed = new LinkedHashMap<>();
    values.forEach(
        (key, value) ->
            changed.put(
                (String) key, NAMES.contains(key) ? value : value(value, change)));
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
