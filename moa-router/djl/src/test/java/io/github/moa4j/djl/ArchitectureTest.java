package io.github.moa4j.djl;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may use. */
@AnalyzeClasses(packages = "io.github.moa4j.djl", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule standsOnTheRouterAndTheApiOfDjl =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "ai.djl..",
              "io.github.moa4j.djl",
              "io.github.moa4j.router",
              "io.github.moa4j.core",
              "io.github.moa4j.core.files",
              "io.github.moa4j.core.generation",
              "io.github.moa4j.core.kernel",
              "io.github.moa4j.core.text");
}
