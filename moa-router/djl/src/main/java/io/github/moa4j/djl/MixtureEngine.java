package io.github.moa4j.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.util.passthrough.PassthroughNDManager;

/** An engine whose models are mixtures. Its arrays hold nothing: a mixture has its own. */
public final class MixtureEngine extends Engine {

  /** What DJL knows it by. */
  public static final String NAME = "MoA4J";

  static final int RANK = 1000; // the lowest is the default

  MixtureEngine() {}

  @Override
  public Engine getAlternativeEngine() {
    return null;
  }

  @Override
  public String getEngineName() {
    return NAME;
  }

  @Override
  public int getRank() {
    return RANK;
  }

  @Override
  public String getVersion() {
    String version = MixtureEngine.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public boolean hasCapability(String capability) {
    return false;
  }

  @Override
  public Model newModel(String name, Device device) {
    return new MixtureModel(name);
  }

  @Override
  public NDManager newBaseManager() {
    return PassthroughNDManager.INSTANCE;
  }

  @Override
  public NDManager newBaseManager(Device device) {
    return PassthroughNDManager.INSTANCE;
  }
}
