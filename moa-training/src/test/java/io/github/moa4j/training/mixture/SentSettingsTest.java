package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.training.lora.TrainingOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** Settings reach other machines as they are. */
final class SentSettingsTest {

  @Test
  void settingsAreTheSameBehindTheWire() throws Exception {
    MixtureTrainingSettings usual =
        MixtureTrainingSettings.of(
            TrainingOptions.of(LoraConfig.of(4, 8, EnumSet.of(TargetModule.Q_PROJ))));
    MixtureTrainingSettings special =
        usual.toBuilder().layerwise(usual.layerwise().withPooling(Pooling.MEAN)).build();

    assertThat(sent(usual)).isEqualTo(usual);
    assertThat(sent(special)).isEqualTo(special);
  }

  private static Object sent(Object settings) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(settings);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }
}
