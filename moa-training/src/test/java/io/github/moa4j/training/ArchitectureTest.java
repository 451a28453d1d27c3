package io.github.moa4j.training;

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
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.moa4j.core.MoaException;
import java.io.FileOutputStream;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.nio.file.Files;

/** Which modules this one may use, and what none of its classes does. */
@AnalyzeClasses(packages = ArchitectureTest.TRAINING, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String TRAINING = "io.github.moa4j.training";

  @ArchTest
  static final ArchRule trainingKnowsNoExamples =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.moa4j.examples..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule roomsFormNoCycle =
      slices().matching(TRAINING + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule personalStandsAlone =
      noClasses()
          .that()
          .resideInAPackage(TRAINING + ".personal..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.moa4j..")
                  .and(not(resideInAPackage(TRAINING + ".personal.."))));

  @ArchTest
  static final ArchRule gradientStandsOnDataAlone =
      noClasses()
          .that()
          .resideInAPackage(TRAINING + ".gradient..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(TRAINING + "..")
                  .and(not(resideInAnyPackage(TRAINING + ".gradient..", TRAINING + ".data.."))));

  @ArchTest
  static final ArchRule privacyStandsAlone =
      noClasses()
          .that()
          .resideInAPackage(TRAINING + ".privacy..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(TRAINING + "..")
                  .and(not(resideInAPackage(TRAINING + ".privacy.."))));

  @ArchTest
  static final ArchRule gradientsAreForWhatTrainsAndMeasures =
      noClasses()
          .that()
          .resideInAPackage(TRAINING + "..")
          .and()
          .resideOutsideOfPackages(
              TRAINING + ".gradient..", TRAINING + ".lora..", TRAINING + ".evaluation..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              TRAINING + ".gradient.internal..", "io.github.moa4j.core.kernel.internal..");

  @ArchTest
  static final ArchRule theEngineIsUsedThroughItsApiAndTheKernel =
      noClasses()
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
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson..")
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

  @ArchTest
  static final ArchRule nothingIsPrinted =
      NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.allowEmptyShould(true);

  @ArchTest
  static final ArchRule nothingEndsTheJvm =
      noClasses().should().callMethod(System.class, "exit", int.class).allowEmptyShould(true);
}
