package io.github.moa4j.core.kernel.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the processor can do that decides how products are made. */
final class ProcessorFeatures {

  private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

  /** x86's products of 8-bit integers that add up in 32 bits. */
  private static final Set<String> INT8_PRODUCTS = Set.of("avx512_vnni", "avx_vnni", "amx_int8");

  private static final boolean MULTIPLIES_INT8 = multipliesInt8(DESCRIPTION);

  private ProcessorFeatures() {}

  /**
   * Returns whether the engine multiplies int8 matrices faster than others here: on x86 processors
   * with instructions for it, as Linux describes them. Elsewhere it is not known, and the answer is
   * no.
   */
  static boolean multipliesInt8() {
    return MULTIPLIES_INT8;
  }

  static boolean multipliesInt8(Path description) {
    try {
      return Files.readAllLines(description).stream()
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(ProcessorFeatures::words)
          .filter(flags -> flags.stream().anyMatch(INT8_PRODUCTS::contains))
          .isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.toLowerCase(Locale.ROOT).split("\\s+"));
  }
}
