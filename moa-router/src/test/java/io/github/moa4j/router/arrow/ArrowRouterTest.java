package io.github.moa4j.router.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterSuite;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.SyntheticDomains;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrowRouterTest extends RouterSuite {

  private static final int HIDDEN = 12;
  private static final ArrowSettings SETTINGS = ArrowSettings.withoutData();

  @Override
  protected ArrowRouter router() {
    return ArrowRouter.of(adapters(2), SETTINGS).calibrated(calibration());
  }

  private static List<PromptStates> calibration() {
    return SyntheticDomains.prompts("anything", 20, 9);
  }

  @Override
  protected Router withThreshold(double threshold) {
    return router().withAbstentionThreshold(threshold);
  }

  @Override
  protected Router again(Path folder) {
    Map<String, LoraAdapter> written = new LinkedHashMap<>();
    adapters(2)
        .forEach(
            (domain, adapter) -> {
              PeftFormat.write(adapter, folder.resolve(domain));
              written.put(domain, PeftFormat.read(folder.resolve(domain)));
            });
    return ArrowRouter.of(written, SETTINGS).calibrated(calibration());
  }

  @Test
  void routesAPromptToTheAdapterThatReadsItsDirection() {
    ArrowRouter router = ArrowRouter.of(adapters(2), SETTINGS);
    for (int k = 0; k < 3; k++) {
      for (int sign : new int[] {1, -1}) {
        RoutingDecision decision = router.route(prompt(axis(k, sign)));
        assertThat(decision.chosen()).hasValue("domain" + k);
        assertThat(decision.confidence()).isGreaterThan(0.9);
        assertThat(decision.votes()).extracting(StateVote::state).containsExactly(0, 1);
      }
    }
  }

  @Test
  void theStatesLengthAndTheAdaptersScaleDoNotMatter() {
    Map<String, LoraAdapter> adapters = adapters(2);
    RoutingDecision decision =
        ArrowRouter.of(adapters, SETTINGS).route(prompt(random(new Random(4), 1)));
    adapters.put("domain1", adapter(1, 2, 50));
    RoutingDecision other =
        ArrowRouter.of(adapters, SETTINGS).route(prompt(random(new Random(4), 9)));
    for (String domain : adapters.keySet()) {
      assertThat(other.probabilities().get(domain))
          .isCloseTo(decision.probabilities().get(domain), within(1e-6));
    }
  }

  @Test
  void furtherDirectionsOfADeltaCountWhereAsked() {
    float[] second = axis(6 + 1, 1); // the weaker direction of domain 1
    ArrowSettings two = new ArrowSettings(Pooling.MEAN, 2, 0.05, 0);
    assertThat(ArrowRouter.of(adapters(2), SETTINGS).route(prompt(second)).confidence())
        .isCloseTo(1 / 3.0, within(1e-5));
    assertThat(ArrowRouter.of(adapters(2), two).route(prompt(second)).chosen()).hasValue("domain1");
  }

  @Test
  void takesAdaptersThatAreMoreThanAAndB() {
    Map<String, LoraAdapter> zoo = new LinkedHashMap<>();
    for (String kind : List.of("dora", "lora-bias", "save-both")) {
      zoo.put(
          kind, PeftFormat.read(Path.of("../moa-core/src/test/resources/zoo/llama").resolve(kind)));
    }
    assertThat(ArrowRouter.of(zoo, SETTINGS).domains()).containsExactlyElementsOf(zoo.keySet());
  }

  @Test
  void calibrationTakesOutWhatAllPromptsHaveInCommon() {
    Random random = new Random(8);
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      float[] state = axis(i % 3, 1 + random.nextFloat());
      state[0] += 20 + random.nextFloat(); // near to domain 0, whatever the domain
      prompts.add(prompt(state));
    }
    ArrowRouter plain = ArrowRouter.of(adapters(2), SETTINGS);
    ArrowRouter calibrated = plain.calibrated(prompts);
    for (int i = 0; i < 60; i++) {
      assertThat(plain.route(prompts.get(i)).mostProbable()).isEqualTo("domain0");
      if (i % 3 != 0) {
        assertThat(calibrated.route(prompts.get(i)).mostProbable()).isEqualTo("domain" + i % 3);
      }
    }
  }

  @Test
  void aConstantStateSaysNothingOnceCalibrated() {
    PromptStates constant = prompt(axis(1, 1));
    ArrowRouter calibrated =
        ArrowRouter.of(adapters(1), SETTINGS).calibrated(List.of(constant, constant));
    assertThat(calibrated.route(constant).confidence()).isCloseTo(1 / 3.0, within(1e-9));
  }

  @Test
  void abstainsBelowItsThreshold() {
    ArrowRouter router = ArrowRouter.of(adapters(2), SETTINGS).withAbstentionThreshold(0.5);
    assertThat(router.route(prompt(axis(11, 1))).chosen()).isEmpty();
    assertThat(router.route(prompt(axis(1, 1))).chosen()).hasValue("domain1");
    assertThat(router.route(prompt(new float[HIDDEN])).confidence())
        .isCloseTo(1 / 3.0, within(1e-9));
  }

  @Test
  void readsRealAdaptersOfAnyRankAndScaling() {
    LoraAdapter golden =
        PeftFormat.read(Path.of("../moa-core/src/test/resources/golden/llama-gqa/adapter"));
    ArrowRouter router = ArrowRouter.of(Map.of("golden", golden), ArrowSettings.forCalibration());
    assertThat(router.domains()).containsExactly("golden");
  }

  @Test
  void refusesAdaptersWithoutACommonMapOrWidth() {
    Map<String, LoraAdapter> adapters = new LinkedHashMap<>();
    adapters.put("q", adapter(TargetModule.Q_PROJ, HIDDEN));
    adapters.put("up", adapter(TargetModule.UP_PROJ, HIDDEN));
    assertThatThrownBy(() -> ArrowRouter.of(adapters, SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("[q, up]");
    adapters.put("up", adapter(TargetModule.Q_PROJ, HIDDEN + 1));
    assertThatThrownBy(() -> ArrowRouter.of(adapters, SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("width 13");
    assertThatThrownBy(() -> ArrowRouter.of(Map.of(), SETTINGS))
        .isInstanceOf(RouterException.class);
  }

  @Test
  void refusesSettingsOutOfBounds() {
    for (double value : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new ArrowSettings(Pooling.MEAN, 1, value, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("above 0 and finite");
    }
    assertThatThrownBy(() -> new ArrowSettings(Pooling.MEAN, 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1 direction");
    assertThatThrownBy(() -> new ArrowSettings(Pooling.MEAN_AND_LAST, 1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pool the mean or the last");
  }

  @Test
  void refusesPromptsOfAnotherBase() {
    ArrowRouter router = ArrowRouter.of(adapters(2), SETTINGS);
    assertThatThrownBy(() -> router.route(new PromptStates(new float[3][5], new float[3][5])))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("width 5");
    assertThatThrownBy(() -> router.calibrated(List.of(prompt(axis(0, 1)))))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("at least 2");
  }

  /** Domain k reads axis k most, and axis 6 + k half as much, through q of every layer. */
  private static Map<String, LoraAdapter> adapters(int layers) {
    Map<String, LoraAdapter> adapters = new LinkedHashMap<>();
    for (int k = 0; k < 3; k++) {
      adapters.put("domain" + k, adapter(k, layers, 1));
    }
    return adapters;
  }

  private static LoraAdapter adapter(int axis, int layers, float scale) {
    float[] a = new float[2 * HIDDEN];
    a[axis] = scale;
    a[HIDDEN + 6 + axis] = scale / 2;
    float[] b = {1, 0, 0, 1, 0, 0};
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < layers; layer++) {
      tensors.put(
          LoraAdapter.key(layer, TargetModule.Q_PROJ, "lora_A"), HostTensor.of(a, 2, HIDDEN));
      tensors.put(LoraAdapter.key(layer, TargetModule.Q_PROJ, "lora_B"), HostTensor.of(b, 3, 2));
    }
    return LoraAdapter.of(LoraConfig.of(2, 2, EnumSet.of(TargetModule.Q_PROJ)), tensors);
  }

  private static LoraAdapter adapter(TargetModule module, int in) {
    return LoraAdapter.of(
        LoraConfig.of(1, 1, EnumSet.of(module)),
        Map.of(
            LoraAdapter.key(0, module, "lora_A"),
            HostTensor.of(new float[in], 1, in),
            LoraAdapter.key(0, module, "lora_B"),
            HostTensor.of(new float[3], 3, 1)));
  }

  private static float[] axis(int index, float value) {
    float[] state = new float[HIDDEN];
    state[index] = value;
    return state;
  }

  private static float[] random(Random random, float scale) {
    float[] state = new float[HIDDEN];
    for (int i = 0; i < HIDDEN; i++) {
      state[i] = scale * (float) random.nextGaussian();
    }
    return state;
  }

  private static PromptStates prompt(float[] state) {
    float[][] states = {state, state, state};
    return new PromptStates(states, states);
  }
}
