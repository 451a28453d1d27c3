package io.github.moa4j.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may use. */
@AnalyzeClasses(packages = "io.github.moa4j.langchain4j", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule standsOnWhatApplicationsMayUse =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.slf4j",
              "dev.langchain4j..",
              "io.github.moa4j.langchain4j",
              "io.github.moa4j.router",
              "io.github.moa4j.router.access",
              "io.github.moa4j.core",
              "io.github.moa4j.core.constraint",
              "io.github.moa4j.core.files",
              "io.github.moa4j.core.generation",
              "io.github.moa4j.core.lora",
              "io.github.moa4j.core.model",
              "io.github.moa4j.core.registry",
              "io.github.moa4j.core.template",
              "io.github.moa4j.core.text",
              "io.github.moa4j.core.tool");

  @ArchTest static final ArchRule nothingIsPrinted = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
}
