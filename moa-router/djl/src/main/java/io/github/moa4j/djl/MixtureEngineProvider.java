package io.github.moa4j.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/**
 * Lets DJL find the engine named {@value MixtureEngine#NAME}, for {@code optEngine} of its criteria
 * and {@code engine} of {@code serving.properties}. Never DJL's default engine where there is
 * another.
 */
public final class MixtureEngineProvider implements EngineProvider {

  private static final class Holder {
    static final Engine ENGINE = new MixtureEngine();
  }

  @Override
  public String getEngineName() {
    return MixtureEngine.NAME;
  }

  @Override
  public int getEngineRank() {
    return MixtureEngine.RANK;
  }

  @Override
  public Engine getEngine() {
    return Holder.ENGINE;
  }
}
