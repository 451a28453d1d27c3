package io.github.moa4j.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The examples use the library as any application would: through its public classes. */
@AnalyzeClasses(packages = ArchitectureTest.EXAMPLES, importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  static final String EXAMPLES = "io.github.moa4j.examples";

  @ArchTest
  static final ArchRule noExampleReachesBelowTheLibrary =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.pytorch..", "io.github.moa4j.core.kernel..")
          .allowEmptyShould(true);

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
  static final ArchRule stateIsNeverStatic =
      fields().that().areStatic().should().beFinal().allowEmptyShould(true);
}
