package io.github.moa4j.examples.study;

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

/** Which room of the study may use which, and what no room does. */
@AnalyzeClasses(packages = ArchitectureTest.STUDY, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String STUDY = "io.github.moa4j.examples.study";

  @ArchTest
  static final ArchRule comparisonStandsOnAblationsMethodsWorkbenchAndRecords =
      room("comparison").usesOnly("ablations", "methods", "workbench", "report.records");

  @ArchTest
  static final ArchRule ablationsStandOnMethodsWorkbenchAndRecords =
      room("ablations").usesOnly("methods", "workbench", "report.records");

  @ArchTest
  static final ArchRule methodsStandOnWorkbenchAndRecords =
      room("methods").usesOnly("workbench", "report.records");

  @ArchTest
  static final ArchRule workbenchStandsOnRecords = room("workbench").usesOnly("report.records");

  @ArchTest static final ArchRule reportStandsOnItsOwnRooms = room("report").usesOnly();

  @ArchTest
  static final ArchRule sectionsStandOnPageAndRecords =
      room("report.sections").usesOnly("report.page", "report.records");

  @ArchTest static final ArchRule recordsStandAlone = room("report.records").usesOnly();

  @ArchTest
  static final ArchRule pageStandsOnRecords = room("report.page").usesOnly("report.records");

  @ArchTest
  static final ArchRule benchmarkStandsOnModelsMeasurementsAndPeers =
      room("benchmark").usesOnly("synthetic", "measurement", "process", "llama", "gguf");

  @ArchTest
  static final ArchRule callersStandOnModelsAndMeasurements =
      room("callers").usesOnly("synthetic", "measurement", "process");

  @ArchTest
  static final ArchRule qualityStandsOnMeasurement = room("quality").usesOnly("measurement");

  @ArchTest
  static final ArchRule measurementStandsOnProcess = room("measurement").usesOnly("process");

  @ArchTest static final ArchRule syntheticStandsAlone = room("synthetic").usesOnly();

  @ArchTest static final ArchRule llamaStandsAlone = room("llama").usesOnly();

  @ArchTest static final ArchRule ggufStandsAlone = room("gguf").usesOnly();

  @ArchTest static final ArchRule hostileStandsOnProcess = room("hostile").usesOnly("process");

  @ArchTest
  static final ArchRule utilityStandsOnMeasurement = room("utility").usesOnly("measurement");

  @ArchTest static final ArchRule trustStandsAlone = room("trust").usesOnly();

  @ArchTest
  static final ArchRule structuredStandsOnMeasurement = room("structured").usesOnly("measurement");

  @ArchTest
  static final ArchRule reliabilityStandsOnModelsAndMeasurements =
      room("reliability").usesOnly("synthetic", "measurement", "process");

  @ArchTest static final ArchRule theDiskThatFailsStandsAlone = room("reliability.disk").usesOnly();

  @ArchTest static final ArchRule processStandsAlone = room("process").usesOnly();

  @ArchTest
  static final ArchRule noRoomUsesAProgram =
      noClasses()
          .that()
          .resideInAPackage(STUDY + ".*..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  STUDY, "io.github.moa4j.examples", "io.github.moa4j.examples.arguments"));

  @ArchTest
  static final ArchRule theStudyReachesNotBelowTheLibrary =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.pytorch..", "io.github.moa4j.core.kernel.internal..");

  @ArchTest
  static final ArchRule publicClassesAreFinal =
      classes()
          .that()
          .arePublic()
          .and()
          .areNotInterfaces()
          .should()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule onlyCoreFilesWritesFilesThatAreToBeWhole =
      noClasses()
          .that()
          .resideOutsideOfPackage(STUDY + ".hostile..")
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
  static final ArchRule stateIsNeverStatic = fields().that().areStatic().should().beFinal();

  private static Room room(String name) {
    return new Room(name);
  }

  /** A package of the study; all of the library and of the examples' rooms is open to each. */
  private record Room(String name) {

    ArchRule usesOnly(String... others) {
      String[] allowed =
          Stream.concat(Stream.of(name), Stream.of(others))
              .map(other -> STUDY + "." + other + "..")
              .toArray(String[]::new);
      return noClasses()
          .that()
          .resideInAPackage(STUDY + "." + name + "..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(STUDY + "..").and(not(resideInAnyPackage(allowed))));
    }
  }
}
