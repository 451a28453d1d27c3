package io.github.moa4j.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever can be written can be read again, and whatever else is read is refused in words. */
final class StoredFilesProperties {

  private static final Path DIRECTORY = Path.of("mixture").toAbsolutePath();
  private static final List<Path> FOLDERS = new ArrayList<>();

  @BeforeContainer
  static void createFolder() throws IOException {
    FOLDERS.add(FaultyDisk.sound(Files.createTempDirectory("stored")));
  }

  @AfterContainer
  static void deleteFolder() throws IOException {
    DurableFiles.deleteTree(FOLDERS.remove(0));
  }

  @Provide
  Arbitrary<MixtureManifest> manifests() {
    Arbitrary<String> names =
        Arbitraries.strings().withChars("abz09_-").ofMinLength(1).ofMaxLength(64);
    Arbitrary<Integer> versions = Arbitraries.integers().between(1, Integer.MAX_VALUE);
    Arbitrary<Instant> instants =
        Combinators.combine(
                Arbitraries.longs()
                    .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                Arbitraries.integers().between(0, 999_999_999))
            .as(Instant::ofEpochSecond);
    Arbitrary<MixtureState.Domain> domains =
        Combinators.combine(versions, Arbitraries.of(true, false), instants)
            .as(MixtureState.Domain::new);
    Arbitrary<PromptSettings> prompts =
        Combinators.combine(objects(), Arbitraries.strings().optional()).as(PromptSettings::new);
    return Combinators.combine(
            Arbitraries.maps(names, domains).ofMaxSize(4),
            Arbitraries.maps(names, instants).ofMaxSize(3),
            Arbitraries.integers().between(0, Integer.MAX_VALUE),
            Arbitraries.strings(),
            Arbitraries.strings().optional(),
            prompts,
            objects())
        .as(StoredFilesProperties::manifest);
  }

  private static MixtureManifest manifest(
      Map<String, MixtureState.Domain> domains,
      Map<String, Instant> replaced,
      int router,
      String fingerprint,
      Optional<String> base,
      PromptSettings prompts,
      Map<String, Object> unknown) {
    Map<String, Integer> last = new LinkedHashMap<>();
    domains.forEach((name, domain) -> last.put(name, domain.version()));
    Map<VersionFolder, Instant> retired = new LinkedHashMap<>();
    replaced.forEach(
        (name, since) -> {
          int version = Math.max(1, last.getOrDefault(name, 1) - 1);
          if (!domains.containsKey(name) || domains.get(name).version() > version) {
            last.putIfAbsent(name, version);
            retired.put(VersionFolder.adapter(name, version), since);
          }
        });
    Map<String, Object> kept = new LinkedHashMap<>();
    unknown.forEach((key, value) -> kept.put("x" + key, value));
    OptionalInt routerVersion = router == 0 ? OptionalInt.empty() : OptionalInt.of(router);
    return new MixtureManifest(
        new MixtureState(DIRECTORY, fingerprint, base, domains, routerVersion, prompts),
        last,
        router,
        retired,
        keptOf(domains, retired),
        kept);
  }

  /** The version before, where there is one that is not retired. */
  private static KeptVersions keptOf(
      Map<String, MixtureState.Domain> domains, Map<VersionFolder, Instant> retired) {
    KeptVersions kept = KeptVersions.NONE.limited(domains.size());
    for (Map.Entry<String, MixtureState.Domain> entry : domains.entrySet()) {
      MixtureState.Domain active = entry.getValue();
      VersionFolder before =
          VersionFolder.adapter(entry.getKey(), Math.max(1, active.version() - 1));
      if (before.version() < active.version() && !retired.containsKey(before)) {
        kept =
            kept.with(
                before,
                new MixtureState.Domain(before.version(), active.verified(), active.committed()));
      }
    }
    return kept;
  }

  /** Objects as they come out of a reader. */
  private static Arbitrary<Map<String, Object>> objects() {
    Arbitrary<Object> simple =
        Arbitraries.oneOf(
            Arbitraries.strings().map(text -> (Object) text),
            Arbitraries.integers().map(number -> (Object) number),
            Arbitraries.longs()
                .filter(number -> number != (int) (long) number)
                .map(number -> (Object) number),
            Arbitraries.doubles().map(number -> (Object) number),
            Arbitraries.of(true, false).map(bool -> (Object) bool));
    Arbitrary<Object> lists = simple.list().ofMaxSize(3).map(list -> (Object) list);
    Arbitrary<Object> maps =
        Arbitraries.maps(Arbitraries.strings(), Arbitraries.oneOf(simple, lists))
            .ofMaxSize(3)
            .map(map -> (Object) map);
    return Arbitraries.maps(Arbitraries.strings(), Arbitraries.oneOf(simple, lists, maps))
        .ofMaxSize(4);
  }

  @Property(tries = 300)
  void everyManifestIsReadAsItWasWritten(@ForAll("manifests") MixtureManifest manifest) {
    assertThat(MixtureManifestReader.parse(DIRECTORY, manifest.toBytes())).isEqualTo(manifest);
  }

  @Property(tries = 150)
  void everyProvenanceIsReadAsItWasWritten(
      @ForAll("fingerprints") String fingerprint,
      @ForAll String name,
      @ForAll long seed,
      @ForAll("configurations") Map<String, Object> configuration,
      @ForAll Map<String, Double> metrics,
      @ForAll Map<String, String> libraries) {
    Provenance.DataFile data = new Provenance.DataFile(name, "0af1".repeat(16), Math.abs(seed / 2));
    Provenance provenance =
        new Provenance(
            fingerprint, List.of(data), configuration, seed, libraries, metrics, Optional.of(name));
    provenance.write(FOLDERS.get(0));
    assertThat(Provenance.read(FOLDERS.get(0))).contains(provenance);
  }

  @Provide
  Arbitrary<String> fingerprints() {
    return Arbitraries.strings().map(text -> "f" + text);
  }

  @Provide
  Arbitrary<Map<String, Object>> configurations() {
    return objects();
  }

  /** Bytes of valid files, some of which are changed, dropped, doubled or replaced by tokens. */
  @Property(tries = 2000)
  void everyDamageIsSaidInAFewWords(@ForAll Random random) throws IOException {
    byte[] manifest =
        ("{\"formatVersion\":1,\"baseFingerprint\":\"f\",\"base\":\"b\",\"domains\":{\"sql\":"
                + "{\"version\":2,\"verified\":true,\"committed\":\"2025-01-02T03:04:05Z\"}},"
                + "\"router\":{\"version\":1},\"lastVersions\":{\"sql\":2},\"lastRouterVersion\":1,"
                + "\"promptVariables\":{\"a\":[1]},\"chatTemplate\":\"t\","
                + "\"retired\":{\"adapters/sql/v0001\":\"2025-01-02T03:04:05Z\"}}")
            .getBytes(StandardCharsets.UTF_8);
    try {
      MixtureManifestReader.parse(DIRECTORY, mutated(manifest, random));
    } catch (MixtureException e) {
      assertThat(e.getMessage().length()).isLessThan(900 + DIRECTORY.toString().length());
    }
    byte[] provenance =
        ("{\"formatVersion\":1,\"baseFingerprint\":\"f\",\"parent\":\"p\",\"seed\":3,\"data\":[{"
                + "\"name\":\"n\",\"sha256\":\""
                + "a".repeat(64)
                + "\",\"examples\":2}],\"configuration\":{\"a\":{\"b\":[1,null]}},"
                + "\"metrics\":{\"m\":\"NaN\",\"n\":0.5},\"libraries\":{\"l\":\"1\"}}")
            .getBytes(StandardCharsets.UTF_8);
    Path folder = FOLDERS.get(0);
    Files.write(folder.resolve(Provenance.FILE), mutated(provenance, random));
    try {
      Provenance.read(folder);
    } catch (MoaException e) {
      assertThat(e).isInstanceOf(MixtureException.class);
      assertThat(e.getMessage().length()).isLessThan(900 + folder.toString().length());
    }
  }

  private static final String[] TOKENS = {
    "1e400",
    "-1",
    "NaN",
    "99999999999999999999",
    "\"\\ud800\"",
    "null",
    "[[[[",
    "{",
    "}",
    "\"",
    "true",
    "\u0000",
    "2147483648",
    "\"" + "x".repeat(5000) + "\"",
    "[".repeat(5000),
    ",",
    ":",
  };

  private static byte[] mutated(byte[] valid, Random random) {
    StringBuilder text = new StringBuilder(new String(valid, StandardCharsets.ISO_8859_1));
    for (int i = 0; i <= random.nextInt(3); i++) {
      int start = random.nextInt(text.length());
      int end = Math.min(text.length(), start + random.nextInt(12));
      String insert = random.nextBoolean() ? TOKENS[random.nextInt(TOKENS.length)] : "";
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(start, (char) random.nextInt(256));
        case 1 -> text.replace(start, end, insert);
        case 2 -> text.insert(end, text.substring(start, end));
        default -> replaceValue(text, start, insert);
      }
    }
    return Arrays.copyOf(
        text.toString().getBytes(StandardCharsets.ISO_8859_1), Math.max(1, text.length()));
  }

  /** Replaces what stands between the next colon and the comma or bracket behind it. */
  private static void replaceValue(StringBuilder text, int start, String value) {
    int colon = text.indexOf(":", start);
    if (colon >= 0) {
      int end = colon + 1;
      while (end < text.length() && ",}]".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      text.replace(colon + 1, end, value);
    }
  }
}
