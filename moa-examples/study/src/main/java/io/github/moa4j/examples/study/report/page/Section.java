package io.github.moa4j.examples.study.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * A section of the report.
 *
 * @param id its anchor
 * @param title its heading
 * @param explanation what is shown and how to read it
 * @param blocks tables, plots and texts; a section without any is left out
 */
public record Section(String id, String title, String explanation, List<Block> blocks) {

  public Section {
    blocks = blocks.stream().filter(block -> !block.blank()).toList();
  }

  public static Section of(String id, String title, String explanation, Block... blocks) {
    return new Section(id, title, explanation, List.of(blocks));
  }

  /** The same with more blocks at its end. */
  public Section with(List<? extends Block> more) {
    List<Block> all = new ArrayList<>(blocks);
    all.addAll(more);
    return new Section(id, title, explanation, all);
  }
}
