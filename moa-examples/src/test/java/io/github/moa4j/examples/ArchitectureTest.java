package io.github.moa4j.examples;

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

/** The examples use the library as any application would: through its public classes. */
@AnalyzeClasses(packages = ArchitectureTest.EXAMPLES, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String EXAMPLES = "io.github.moa4j.examples";

  @ArchTest
  static final ArchRule noExampleReachesBelowTheLibrary =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.pytorch..", "io.github.moa4j.core.kernel.internal..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noRoomUsesAProgram =
      noClasses()
          .that()
          .resideInAPackage(EXAMPLES + ".*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EXAMPLES);

  @ArchTest static final ArchRule baseStandsAlone = room("base").usesOnly();

  @ArchTest static final ArchRule domainsStandAlone = room("domains").usesOnly();

  @ArchTest static final ArchRule argumentsStandOnBase = room("arguments").usesOnly("base");

  @ArchTest static final ArchRule measurementStandsOnBase = room("measurement").usesOnly("base");

  @ArchTest
  static final ArchRule trainingStandsOnMeasurement = room("training").usesOnly("measurement");

  @ArchTest
  static final ArchRule nobodyUsesTheGuides =
      noClasses()
          .that()
          .resideOutsideOfPackage(EXAMPLES + ".guides")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EXAMPLES + ".guides");

  @ArchTest
  static final ArchRule publicClassesAreFinal =
      classes()
          .that()
          .arePublic()
          .and()
          .areNotInterfaces()
          .should()
          .haveModifier(JavaModifier.FINAL)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyCoreFilesWritesFiles =
      noClasses()
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

  private static Room room(String name) {
    return new Room(name);
  }

  /** A package of the examples; all of the library is open to each. */
  private record Room(String name) {

    ArchRule usesOnly(String... others) {
      String[] allowed =
          Stream.concat(Stream.of(name), Stream.of(others))
              .map(other -> EXAMPLES + "." + other + "..")
              .toArray(String[]::new);
      return noClasses()
          .that()
          .resideInAPackage(EXAMPLES + "." + name + "..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(EXAMPLES + "..").and(not(resideInAnyPackage(allowed))));
    }
  }
}
