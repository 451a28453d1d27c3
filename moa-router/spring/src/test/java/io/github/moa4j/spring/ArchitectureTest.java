package io.github.moa4j.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may use. */
@AnalyzeClasses(packages = "io.github.moa4j.spring", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule standsOnWhatApplicationsMayUse =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "io.micrometer..",
              "org.springframework..",
              "reactor.core..",
              "reactor.util..",
              "io.github.moa4j.spring",
              "io.github.moa4j.micrometer",
              "io.github.moa4j.router",
              "io.github.moa4j.router.access",
              "io.github.moa4j.training.lora",
              "io.github.moa4j.training.mixture",
              "io.github.moa4j.core",
              "io.github.moa4j.core.constraint",
              "io.github.moa4j.core.encryption",
              "io.github.moa4j.core.files",
              "io.github.moa4j.core.generation",
              "io.github.moa4j.core.kernel",
              "io.github.moa4j.core.lora",
              "io.github.moa4j.core.model",
              "io.github.moa4j.core.registry",
              "io.github.moa4j.core.signing",
              "io.github.moa4j.core.store",
              "io.github.moa4j.core.text",
              "io.github.moa4j.core.tool");

  @ArchTest
  static final ArchRule onlyItsOwnConfigurationKnowsTheTraining =
      noClasses()
          .that()
          .haveSimpleNameNotStartingWith("MoaTraining")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.moa4j.training..");

  @ArchTest static final ArchRule nothingIsPrinted = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
}
