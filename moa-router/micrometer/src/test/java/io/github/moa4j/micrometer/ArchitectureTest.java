package io.github.moa4j.micrometer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may use. */
@AnalyzeClasses(packages = "io.github.moa4j.micrometer", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule standsOnTheRouterAndMicrometer =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "io.micrometer.core.instrument..",
              "io.github.moa4j.micrometer",
              "io.github.moa4j.core.generation",
              "io.github.moa4j.router",
              "io.github.moa4j.router.monitoring");
}
