package io.github.moa4j.training.lora;

/** How gradients become steps of an adapter's parameters. */
public enum UpdateRule {

  /** AdamW (Loshchilov and Hutter, 2019, algorithm 2): each number moves by its own gradients. */
  ADAMW("adamw"),

  /**
   * Muon (Jordan et al., 2024): A and B move along their momentum with all its singular values made
   * about equal, so that what few examples ask for is not drowned by what all do; as far as AdamW
   * would move them (a root mean square of 0.2 of the learning rate; Liu et al., 2025). It learns
   * more from as many examples where these are thousands of many kinds, and takes some percent more
   * time a step. What is no matrix moves by AdamW. Not for experts that train side by side, whose
   * ranks it would mix.
   */
  MUON("muon");

  private final String method;

  UpdateRule(String method) {
    this.method = method;
  }

  /** Returns its name in {@code optimizer.torchscript}. */
  String method() {
    return method;
  }
}
