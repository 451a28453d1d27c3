package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessorFeaturesTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "flags : fpu avx2 avx512f avx512_vnni sse2, true",
    "flags : fpu avx2 avx_vnni, true",
    "flags : fpu avx2 avx512f avx512_bf16, false",
    "flags : fpu avx_vnni_int8x, false",
    "Features : fp asimd i8mm asimddp, false",
    "model name : a processor named avx512_vnni, false",
    "'', false"
  })
  void readsWhatLinuxSaysOfTheProcessor(String line, boolean multiplies) throws IOException {
    Path file = Files.writeString(folder.resolve("cpuinfo"), "processor\t: 0\n" + line + "\n");
    assertThat(ProcessorFeatures.multipliesInt8(file)).isEqualTo(multiplies);
  }

  @Test
  void saysNoWhereNothingIsSaid() {
    assertThat(ProcessorFeatures.multipliesInt8(folder.resolve("missing"))).isFalse();
  }

  @Test
  void saysNoWhereTheFileIsNoText() throws IOException {
    Path file = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThat(ProcessorFeatures.multipliesInt8(file)).isFalse();
  }
}
