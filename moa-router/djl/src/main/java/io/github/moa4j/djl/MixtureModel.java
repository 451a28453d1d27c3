package io.github.moa4j.djl;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.router.MixtureBuilder;
import io.github.moa4j.router.MixtureOfLoras;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * A mixture as a model of DJL. Options: {@code base} (a folder; by default where it is found),
 * {@code weightFormat} ({@code f32} by default, {@code bf16}, {@code int8}, {@code int4}), {@code
 * contextLength} (by default what the base allows) and {@code queueLimit} (1,024). Closing it
 * closes the mixture and frees its memory.
 */
public final class MixtureModel extends BaseModel {

  private MixtureOfLoras mixture; // after load

  MixtureModel(String name) {
    super(name);
    manager = PassthroughNDManager.INSTANCE;
    dataType = DataType.FLOAT32;
  }

  /**
   * Returns the mixture of a model.
   *
   * @throws IllegalArgumentException if it is another engine's, or not loaded
   */
  public static MixtureOfLoras mixture(Model model) {
    Model own = model instanceof ZooModel<?, ?> zoo ? zoo.getWrappedModel() : model;
    if (own instanceof MixtureModel loaded && loaded.mixture != null) {
      return loaded.mixture;
    }
    throw new IllegalArgumentException(
        "The model '"
            + model.getName()
            + "' is no mixture: load the mixture's folder with the engine "
            + MixtureEngine.NAME
            + ".");
  }

  @Override
  public void load(Path modelPath, String prefix, Map<String, ?> options)
      throws MalformedModelException {
    if (mixture != null) {
      throw new IllegalStateException("The model '" + getName() + "' is loaded already.");
    }
    Map<String, ?> all = options == null ? Map.of() : options;
    try {
      modelDir = modelPath.toAbsolutePath();
      MixtureBuilder builder = MixtureOfLoras.builder(modelDir);
      if (all.get("base") != null) {
        builder.base(Path.of(all.get("base").toString()));
      }
      if (all.get("weightFormat") != null) {
        builder.weightFormat(weightFormat(all.get("weightFormat").toString()));
      }
      if (all.get("contextLength") != null) {
        builder.contextLength(number("contextLength", all));
      }
      if (all.get("queueLimit") != null) {
        builder.queueLimit(number("queueLimit", all));
      }
      mixture = builder.open();
      wasLoaded = true;
    } catch (MoaException | IllegalArgumentException e) {
      throw new MalformedModelException(e.getMessage(), e);
    }
  }

  private static WeightFormat weightFormat(String name) {
    try {
      return WeightFormat.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "weightFormat is '%.200s', expected f32, bf16, int8 or int4".formatted(name), e);
    }
  }

  private static int number(String key, Map<String, ?> options) {
    try {
      return Integer.parseInt(options.get(key).toString());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%.200s', expected a whole number".formatted(key, options.get(key)), e);
    }
  }

  @Override
  public void close() {
    if (mixture != null) {
      mixture.close();
    }
    super.close();
  }
}
