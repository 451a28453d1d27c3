package io.github.moa4j.examples.base;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.BaseSearch;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.nio.file.Path;
import java.util.Optional;

/** A base model and what makes its prompts. */
public record OpenBase(BaseModel model, PromptEncoder prompts) implements AutoCloseable {

  /** Opens a model directory; if none is given, the embedded base. */
  public static OpenBase load(Optional<Path> given, WeightFormat weightFormat) {
    Path directory = given.orElseGet(EmbeddedBase::extract);
    return load(directory, PromptSettings.NONE, weightFormat);
  }

  private static OpenBase load(Path directory, PromptSettings settings, WeightFormat weightFormat) {
    TextTokenizer tokenizer = TextTokenizer.open(directory);
    try {
      PromptEncoder prompts = MixturePrompts.encoder(settings, directory, tokenizer);
      return new OpenBase(BaseModel.load(directory, weightFormat), prompts);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Opens the base of a mixture, where it says that its base is or where the user says so. */
  public static OpenBase of(
      MixtureDirectory mixture, Optional<Path> given, WeightFormat weightFormat) {
    Path directory =
        given
            .or(() -> mixture.state().base().map(stored -> BaseSearch.find(mixture)))
            .orElseThrow(
                () ->
                    new MoaException(
                        "The mixture in "
                            + mixture.directory()
                            + " does not say where its base is: name it with --base."));
    OpenBase base = load(directory, mixture.state().prompts(), weightFormat);
    try {
      mixture.state().checkBase(base.model().fingerprint());
      return base;
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  public MixtureTrainer trainer(MixtureTrainingSettings settings) {
    return new MixtureTrainer(model, prompts, settings);
  }

  @Override
  public void close() {
    model.close();
    prompts.tokenizer().close();
  }
}
