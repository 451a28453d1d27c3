package io.github.moa4j.examples.study.trust;

import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.Example;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Asks mixtures and prints what they decide, as tables in Markdown. */
public final class TrustTables {

  private static final List<String> ODD =
      List.of("hi", "asdfgh", "qwertz uiop", "ok", "1234", "Tell me a joke.", "I feel sad", "foo");
  private static final int DOCUMENTS = 50; // of a file
  private static final int WITH_FOREIGN_TEXT = 3; // prompts of a domain, each with every file
  private static final int LONGEST = 1200; // characters of these, as the base's context is short

  private final PrintWriter out;
  private final boolean allStates;
  private boolean headOfUnknown; // whether it is printed

  /**
   * Creates it.
   *
   * @param allStates whether to tell what is decided otherwise where no prompt is decided early
   */
  public TrustTables(PrintWriter out, boolean allStates) {
    this.out = out;
    this.allStates = allStates;
  }

  /** Prints what becomes of prompts in some forms. */
  public void forms(ServedMixture mixture, AskedPart part, List<AskedForm> forms) {
    head(
        "prompts",
        "form",
        "asked",
        "forced",
        "right",
        "answered",
        "right of those answered",
        "decided early",
        "decided otherwise by all states");
    for (AskedForm form : forms) {
      Tally tally = new Tally();
      int otherwise = 0;
      for (Map.Entry<String, List<Example>> domain : part.asked().entrySet()) {
        for (Example example : domain.getValue()) {
          String text = form.change().apply(example).question();
          RoutingDecision decision = mixture.route(text);
          tally.add(Optional.of(domain.getKey()), decision, mixture.states());
          boolean early = allStates && Tally.isEarly(decision, mixture.states());
          otherwise +=
              early && !decision.chosen().equals(mixture.routeByAllStates(text).chosen()) ? 1 : 0;
        }
      }
      print(
          part.title(),
          form.title(),
          String.valueOf(tally.count()),
          tally.forced(),
          tally.right(),
          tally.answered(),
          tally.rightOfThoseAnswered(),
          tally.early(),
          allStates ? String.valueOf(otherwise) : "");
    }
  }

  /** Prints what becomes of prompts beside foreign text, behind and before it. */
  public void pasted(ServedMixture mixture, AskedPart part, List<ForeignText> foreign) {
    head(
        "prompts",
        "beside 200 words of",
        "asked",
        "behind: right",
        "answered",
        "before: right",
        "answered");
    for (ForeignText text : foreign) {
      Tally behind = new Tally();
      Tally before = new Tally();
      for (Map.Entry<String, List<Example>> domain : part.asked().entrySet()) {
        Optional<String> name = Optional.of(domain.getKey());
        domain.getValue().stream()
            .filter(example -> example.question().length() <= LONGEST)
            .limit(WITH_FOREIGN_TEXT)
            .forEach(
                example -> {
                  behind.add(
                      name, mixture.route(text.behind(example).question()), mixture.states());
                  before.add(
                      name, mixture.route(text.before(example).question()), mixture.states());
                });
      }
      print(
          part.title(),
          text.name(),
          String.valueOf(behind.count()),
          behind.right(),
          behind.answered(),
          before.right(),
          before.answered());
    }
  }

  /** Prints how much foreign text is taken for a domain's. */
  public void strangers(ServedMixture mixture, List<ForeignText> foreign) {
    head("text of no domain", "snippets accepted", "documents accepted");
    print("small talk and keys", accepted(mixture, ODD), "");
    for (ForeignText text : foreign) {
      print(
          text.name(),
          accepted(mixture, text.snippets()),
          accepted(mixture, text.documents(DOCUMENTS)));
    }
  }

  private static String accepted(ServedMixture mixture, List<String> strangers) {
    return accepted(mixture, strangers.stream().map(mixture::route));
  }

  private static String accepted(ServedMixture mixture, Stream<RoutingDecision> decisions) {
    Tally tally = new Tally();
    decisions.forEach(decision -> tally.add(Optional.empty(), decision, mixture.states()));
    return tally.answered();
  }

  /**
   * Prints what becomes of the prompts of a domain that the mixture has forgotten.
   *
   * @param name of the domain
   */
  public void unknown(ServedMixture mixture, AskedPart part, String name) {
    if (!headOfUnknown) {
      headOfUnknown = true;
      head("prompts", "unknown", "AUROC", "accepted", "of all states", "others answered");
    }
    Set<String> others = new HashSet<>(part.asked().keySet());
    others.remove(name);
    List<RoutingDecision> unknown = questions(part, Set.of(name)).map(mixture::route).toList();
    List<RoutingDecision> known = questions(part, others).map(mixture::route).toList();
    Stream<RoutingDecision> byAllStates =
        questions(part, Set.of(name)).map(mixture::routeByAllStates);
    print(
        part.title(),
        name,
        Tally.auroc(known, unknown),
        accepted(mixture, unknown.stream()),
        allStates ? accepted(mixture, byAllStates) : "",
        accepted(mixture, known.stream()));
  }

  private static Stream<String> questions(AskedPart part, Set<String> domains) {
    return part.asked().entrySet().stream()
        .filter(domain -> domains.contains(domain.getKey()))
        .flatMap(domain -> domain.getValue().stream())
        .map(Example::question);
  }

  private void head(String... cells) {
    print(cells);
    print(Stream.generate(() -> "---").limit(cells.length).toArray(String[]::new));
  }

  private void print(String... cells) {
    out.println("| " + String.join(" | ", cells) + " |");
    out.flush();
  }
}
