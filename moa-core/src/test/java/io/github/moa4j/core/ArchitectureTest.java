package io.github.moa4j.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.FileOutputStream;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.stream.Stream;

/** Which room of the core may use which, and what no room does. */
@AnalyzeClasses(packages = ArchitectureTest.CORE, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String CORE = "io.github.moa4j.core";

  @ArchTest
  static final ArchRule generationStandsOnModelConstraintRegistryLoraTextAndKernel =
      room("generation").usesOnly("model", "constraint", "registry", "lora", "text", "kernel");

  @ArchTest
  static final ArchRule toolStandsOnTextConstraintAndFiles =
      room("tool").usesOnly("text", "constraint", "files");

  @ArchTest
  static final ArchRule constraintStandsOnTextAndFiles =
      room("constraint").usesOnly("text", "files");

  @ArchTest
  static final ArchRule registryStandsOnStoreLoraModelAndCheckpoint =
      room("registry").usesOnly("store", "lora", "model", "checkpoint", "config", "files");

  @ArchTest
  static final ArchRule storeStandsOnFilesSigningEncryptionAndTheExceptionOfLora =
      room("store").usesOnly("files", "signing", "encryption", "lora");

  @ArchTest
  static final ArchRule modelStandsOnLoraKernelAndCheckpoint =
      room("model").usesOnly("lora", "kernel", "checkpoint", "config");

  @ArchTest
  static final ArchRule loraStandsOnKernelCheckpointAndFiles =
      room("lora").usesOnly("kernel", "checkpoint", "config", "files");

  @ArchTest static final ArchRule textStandsOnTemplate = room("text").usesOnly("template", "files");

  @ArchTest static final ArchRule templateStandsAlone = room("template").usesOnly();

  @ArchTest
  static final ArchRule kernelStandsOnCheckpoint =
      room("kernel").usesOnly("checkpoint", "config", "files");

  @ArchTest
  static final ArchRule theEngineIsMetInInternalPackagesOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("..internal..")
          .and()
          .resideInAnyPackage(
              CORE + ".lora..", CORE + ".registry..", CORE + ".checkpoint..", CORE + ".config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", CORE + ".kernel.internal..");

  @ArchTest
  static final ArchRule checkpointStandsOnConfigAndFiles =
      room("checkpoint").usesOnly("config", "files");

  @ArchTest static final ArchRule configStandsOnFiles = room("config").usesOnly("files");

  @ArchTest static final ArchRule hubStandsOnFiles = room("hub").usesOnly("files");

  @ArchTest static final ArchRule signingStandsOnFiles = room("signing").usesOnly("files");

  @ArchTest static final ArchRule encryptionStandsOnFiles = room("encryption").usesOnly("files");

  @ArchTest static final ArchRule filesStandAlone = room("files").usesOnly();

  @ArchTest
  static final ArchRule rootPackageUsesNoRoom =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CORE + ".*..");

  @ArchTest
  static final ArchRule onlyTheKernelTalksToTheEngineBeyondItsApi =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + ".kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.pytorch..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule publicClassesAreFinal =
      classes()
          .that()
          .arePublic()
          .and()
          .areNotInterfaces()
          .and()
          .areNotAssignableTo(MoaException.class)
          .should()
          .haveModifier(JavaModifier.FINAL)
          .orShould()
          .haveModifier(JavaModifier.ABSTRACT)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyCoreFilesReadsJson =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + ".files..")
          .and()
          .haveNameNotMatching(".*SafetensorsHeaderReader.*") // token by token: it may be long
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyCoreFilesWritesFiles =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + ".files..")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(Files.class)))
                  .and(target(nameMatching("write.*|new(OutputStream|BufferedWriter)|move|copy"))))
          .orShould()
          .callConstructorWhere(
              target(
                  owner(
                      assignableTo(FileOutputStream.class)
                          .or(assignableTo(FileWriter.class))
                          .or(assignableTo(RandomAccessFile.class)))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule stateIsNeverStatic =
      fields().that().areStatic().should().beFinal().allowEmptyShould(true);

  @ArchTest static final ArchRule nothingIsPrinted = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule nothingEndsTheJvm =
      noClasses().should().callMethod(System.class, "exit", int.class);

  private static Room room(String name) {
    return new Room(name);
  }

  /** A package of the core; each may use the root package, which holds the exceptions. */
  private record Room(String name) {

    ArchRule usesOnly(String... others) {
      String[] allowed =
          Stream.concat(
                  Stream.of(CORE, CORE + "." + name + ".."),
                  Stream.of(others).map(other -> CORE + "." + other + ".."))
              .toArray(String[]::new);
      return noClasses()
          .that()
          .resideInAPackage(CORE + "." + name + "..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.moa4j..").and(not(resideInAnyPackage(allowed))))
          .allowEmptyShould(true);
    }
  }
}
