package io.github.moa4j.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may use. */
@AnalyzeClasses(packages = "io.github.moa4j.spark", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule standsOnTrainingAndSpark =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "scala..",
              "org.slf4j",
              "org.apache.hadoop.conf",
              "org.apache.hadoop.fs",
              "org.apache.spark..",
              "io.github.moa4j.spark",
              "io.github.moa4j.training.data",
              "io.github.moa4j.training.lora",
              "io.github.moa4j.training.mixture",
              "io.github.moa4j.training.privacy",
              "io.github.moa4j.router",
              "io.github.moa4j.core",
              "io.github.moa4j.core.files",
              "io.github.moa4j.core.generation",
              "io.github.moa4j.core.kernel",
              "io.github.moa4j.core.model",
              "io.github.moa4j.core.store",
              "io.github.moa4j.core.text");
}
