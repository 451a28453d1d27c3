package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.MoaException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TorchScriptTest {

  private static final Map<String, Object> ATTRIBUTES =
      Map.of("factor", 3L, "offset", 0.5, "flag", true, "kept", List.of());

  private NDManager manager;
  private TorchScript script;

  @BeforeEach
  void load() {
    manager = PyTorchEngine.newManager();
    script =
        TorchScript.load(
            manager, ScriptSource.of(TorchScriptTest.class, "arithmetic.torchscript"), ATTRIBUTES);
  }

  @AfterEach
  void close() {
    script.close();
    manager.close();
  }

  private NDArray vector(float... values) {
    return manager.create(values);
  }

  @Test
  void runsAMethodByName() {
    NDList result = script.run(manager, "plus", vector(1, 2), vector(3, 4));
    assertThat(result.singletonOrThrow().toFloatArray()).containsExactly(4, 6);
  }

  @Test
  void passesNumbersAndFlags() {
    NDList result = script.run(manager, "numbers", vector(1, 2), 3L, 0.5, true);
    assertThat(result.singletonOrThrow().toFloatArray()).containsExactly(-3.5f, -6.5f);
  }

  @Test
  void readsTheAttributesItWasLoadedWith() {
    assertThat(script.run(manager, "attributes").singletonOrThrow().toFloatArray())
        .containsExactly(-3.5f);
  }

  @Test
  void returnsTuplesAndListsInOrder() {
    NDList pair = script.run(manager, "pair", vector(1));
    assertThat(pair).hasSize(2);
    assertThat(pair.get(1).toFloatArray()).containsExactly(-1);
    NDList each = script.run(manager, "each", List.of(vector(5), vector(6), vector(7)));
    assertThat(each.get(2).toFloatArray()).containsExactly(14);
    assertThat(script.run(manager, "each", List.of())).isEmpty();
  }

  @Test
  void keepsTensorsBoundToAnAttribute() {
    try (NDManager scope = manager.newSubManager()) {
      NDArray a = scope.zeros(new Shape(2)).add(1);
      script.run(scope, "keep", List.of(a, a));
    }
    assertThat(script.run(manager, "kept_sum").singletonOrThrow().getFloat()).isEqualTo(4);
  }

  @Test
  void computesGradientsWithoutACollector() {
    NDArray x = vector(1, 2, 3);
    x.setName("a name of the caller");
    NDList result = script.runWithAutograd(manager, "slope", x, List.of(vector(2, 2, 2)));
    assertThat(result.singletonOrThrow().toFloatArray()).containsExactly(4, 8, 12);
    assertThat(x.hasGradient()).isFalse();
  }

  @Test
  void resultsBelongToTheScope() {
    int before = manager.getManagedArrays().size();
    try (NDManager scope = manager.newSubManager()) {
      NDArray one = scope.create(new float[] {1});
      script.run(scope, "pair", one);
      script.runWithAutograd(scope, "slope", one, List.of(scope.create(new float[] {2})));
      assertThat(scope.getManagedArrays()).hasSize(5);
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  @Test
  void failedCallLeavesNothingBehind() {
    NDArray two = vector(1, 2);
    NDArray three = vector(1, 2, 3);
    int before = manager.getManagedArrays().size();
    assertThatThrownBy(() -> script.run(manager, "plus", two, three))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("size of tensor");
    assertThatThrownBy(() -> script.runWithAutograd(manager, "plus", two, three))
        .isInstanceOf(EngineException.class);
    assertThat(manager.getManagedArrays()).hasSize(before);
    assertThat(script.run(manager, "plus", two, two).singletonOrThrow().toFloatArray())
        .containsExactly(2, 4);
  }

  @Test
  void refusesWhatItCannotPass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script.run(manager, "plus", vector(1), "text"))
        .withMessageContaining("text");
    Map<String, Object> attributes = Map.of("name", "text");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TorchScript.load(
                    manager,
                    ScriptSource.of(TorchScriptTest.class, "arithmetic.torchscript"),
                    attributes))
        .withMessageContaining("text");
  }

  @Test
  void missingSourceIsNamed() {
    assertThatThrownBy(
            () ->
                TorchScript.load(
                    manager, ScriptSource.of(TorchScriptTest.class, "none.torchscript"), Map.of()))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("none.torchscript");
  }

  @Test
  void sourceThatDoesNotCompileIsNamed() {
    String before = manager.toString();
    assertThatThrownBy(
            () ->
                TorchScript.load(
                    manager,
                    ScriptSource.of(TorchScriptTest.class, "broken.torchscript"),
                    Map.of()))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("broken.torchscript")
        .hasMessageContaining("no_such_function");
    assertThat(manager).hasToString(before);
  }
}
