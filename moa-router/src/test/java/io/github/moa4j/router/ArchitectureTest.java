package io.github.moa4j.router;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
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
@AnalyzeClasses(packages = ArchitectureTest.ROUTER, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String ROUTER = "io.github.moa4j.router";

  @ArchTest
  static final ArchRule routerKnowsNeitherTrainingNorExamples =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.moa4j.training..", "io.github.moa4j.examples..")
          .allowEmptyShould(true);

  /** What every method builds on, of all that lies in the room of the mixture. */
  private static final String SHARED =
      ROUTER
          + "\\.(Router|RouterDomains|RouterException|RoutingDecision|StateVote|RouterKind|RoutingMode|MixtureBuilder)";

  @ArchTest
  static final ArchRule layerwiseKnowsNoOtherMethod =
      onlyUses("layerwise", "layerwise..", "statistics..");

  @ArchTest
  static final ArchRule ridgeKnowsNoOtherMethod =
      onlyUses("ridge", "ridge..", "statistics..", "algebra..");

  @ArchTest
  static final ArchRule arrowKnowsNoOtherMethod =
      onlyUses("arrow", "arrow..", "statistics..", "algebra..");

  @ArchTest
  static final ArchRule statisticsKnowNoMethod =
      onlyUses("statistics", "statistics..", "algebra..");

  @ArchTest
  static final ArchRule storedRoutersKnowTheMethodsAndNotTheMixture =
      onlyUses("stored", "stored..", "layerwise", "ridge", "statistics..");

  /** What an application asks and is told, of the room of the mixture. */
  private static final String VALUES =
      ROUTER
          + "\\.(Abstention|Answer|MixtureClosedException|Outcome|Question|Router|RouterDomains|RouterException|RouterKind|RoutingDecision|RoutingMode|RoutingText)";

  @ArchTest
  static final ArchRule routingKnowsNeitherAnswersUnderWayNorTheMixture =
      usesOf(
          "routing", VALUES, "routing..", "layerwise..", "stored", "access", "monitoring.internal");

  @ArchTest
  static final ArchRule answeringKnowsRoutingAndNotTheMixture =
      usesOf("answering", VALUES, "answering..", "routing..", "access", "monitoring..");

  @ArchTest
  static final ArchRule monitoringKnowsNothingOfTheMixture =
      usesOf("monitoring", "", "monitoring..");

  @ArchTest
  static final ArchRule accessKnowsNothingOfTheMixture =
      noClasses()
          .that()
          .resideInAPackage(ROUTER + ".access")
          .should()
          .dependOnClassesThat(
              resideInAPackage(ROUTER + "..").and(not(resideInAPackage(ROUTER + ".access"))));

  @ArchTest
  static final ArchRule algebraStandsAlone =
      noClasses()
          .that()
          .resideInAPackage(ROUTER + ".algebra..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(ROUTER + "..").and(not(resideInAPackage(ROUTER + ".algebra.."))));

  @ArchTest
  static final ArchRule onlyTheAlgebraUsesNd4j =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROUTER + ".algebra..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.nd4j..");

  @ArchTest
  static final ArchRule routersAreMadeByTheirStoredNamesInOnePlace =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROUTER + ".stored..", ROUTER + ".ridge..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(ROUTER + "\\.ridge\\.RidgeRouter");

  /** A room uses some others, and of the mixture's room only what every method builds on. */
  private static ArchRule onlyUses(String room, String... others) {
    return usesOf(room, SHARED, others);
  }

  /** A room uses some others, and of the mixture's room only the classes of some names. */
  private static ArchRule usesOf(String room, String names, String... others) {
    DescribedPredicate<JavaClass> allowed = nameMatching(names).forSubtype();
    for (String other : others) {
      allowed = allowed.or(resideInAPackage(ROUTER + "." + other));
    }
    return noClasses()
        .that()
        .resideInAPackage(ROUTER + "." + room + "..")
        .should()
        .dependOnClassesThat(resideInAPackage(ROUTER + "..").and(not(allowed)));
  }

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
