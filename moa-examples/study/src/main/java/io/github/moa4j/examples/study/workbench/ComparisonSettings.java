package io.github.moa4j.examples.study.workbench;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.records.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every method of a comparison gets.
 *
 * @param trainingExamples examples of each domain
 * @param selectionExamples further training examples of each domain that choose the checkpoint
 * @param epochs passes over them
 * @param rank of an adapter; alpha is twice that
 * @param batchSizes examples an optimiser step, to choose from
 * @param rates a ladder of learning rates to choose from, from the lowest; the search begins in its
 *     middle
 * @param seeds how many seeds the main methods are trained with
 * @param validationExamples held-out examples of each domain, at most
 * @param answers how many of them are answered
 * @param maxNewTokens of an answer
 * @param routerPrompts training prompts of each domain that the routers learn from
 */
public record ComparisonSettings(
    int trainingExamples,
    int selectionExamples,
    int epochs,
    int rank,
    List<Integer> batchSizes,
    List<Double> rates,
    int seeds,
    int validationExamples,
    int answers,
    int maxNewTokens,
    int routerPrompts) {

  /**
   * Copies the lists.
   *
   * @throws MoaException if there is no batch size, or one below 1
   */
  public ComparisonSettings {
    batchSizes = List.copyOf(batchSizes);
    if (batchSizes.isEmpty() || batchSizes.stream().anyMatch(size -> size < 1)) {
      throw new MoaException("Batch sizes are 1 or more, found: " + batchSizes + ".");
    }
    rates = List.copyOf(rates);
  }

  private static final List<Double> RATES =
      List.of(1.875e-4, 3.75e-4, 7.5e-4, 1.5e-3, 3e-3, 6e-3, 1.2e-2);

  /** Returns the setting that every search begins with. */
  Setting first() {
    return new Setting(batchSizes.get(0), rates.get(rates.size() / 2));
  }

  /** Two passes over 300 examples a domain, three seeds, 40 answers. */
  public static ComparisonSettings full() {
    return new ComparisonSettings(300, 64, 2, 16, List.of(4, 8, 2, 16), RATES, 3, 200, 40, 96, 500);
  }

  /** A tenth of it: two passes over 30 examples, one seed, few answers. */
  public static ComparisonSettings quick() {
    return new ComparisonSettings(30, 24, 2, 16, List.of(4), RATES, 1, 60, 8, 64, 150);
  }

  /** Returns the same with other batch sizes to choose from, in the order they are tried. */
  public ComparisonSettings withBatchSizes(List<Integer> sizes) {
    return new ComparisonSettings(
        trainingExamples,
        selectionExamples,
        epochs,
        rank,
        sizes,
        rates,
        seeds,
        validationExamples,
        answers,
        maxNewTokens,
        routerPrompts);
  }

  /** Returns the settings by name, to be shown and to tell runs apart; without the grid. */
  public Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("training examples a domain", "" + trainingExamples);
    shown.put("examples a domain that choose the checkpoint", "" + selectionExamples);
    shown.put("passes", "" + epochs);
    shown.put("rank", "%d, alpha %d, all seven linears".formatted(rank, 2 * rank));
    shown.put("seeds of the main methods", "" + seeds);
    shown.put("validation examples a domain", "at most " + validationExamples);
    shown.put(
        "generated answers a domain", "%d of at most %d tokens".formatted(answers, maxNewTokens));
    shown.put("prompts a domain that the routers learn", "" + routerPrompts);
    return shown;
  }
}
