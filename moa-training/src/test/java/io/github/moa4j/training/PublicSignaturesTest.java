package io.github.moa4j.training;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an application can see of core, router and training: no type of the engine, of the algebra
 * or of a JSON library, and none that only the library itself needs.
 */
@AnalyzeClasses(
    packages = {"io.github.moa4j.core", "io.github.moa4j.router", "io.github.moa4j.training"},
    importOptions = DoNotIncludeTests.class)
final class PublicSignaturesTest {

  /** The room of files serves the other rooms, though all of it is public. */
  private static final String FILES = "io.github.moa4j.core.files";

  private static final List<String> HIDDEN =
      List.of("ai.djl.", "org.nd4j.", "com.fasterxml.", FILES + ".");

  @ArchTest
  static final ArchRule showsOnlyTypesThatAnApplicationNeeds =
      members()
          .should(
              new ArchCondition<>("mention only types that an application needs") {
                @Override
                public void check(JavaMember member, ConditionEvents events) {
                  if (isSeen(member)) {
                    types(member)
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                        .filter(PublicSignaturesTest::isHidden)
                        .forEach(
                            type ->
                                events.add(
                                    SimpleConditionEvent.violated(
                                        member,
                                        member.getFullName() + " shows " + type.getName())));
                  }
                }
              });

  @ArchTest
  static final ArchRule takesNoOptional =
      members()
          .should(
              new ArchCondition<>("take no Optional, but where a record holds one") {
                @Override
                public void check(JavaMember member, ConditionEvents events) {
                  if (isSeen(member)
                      && member instanceof JavaCodeUnit unit
                      && !(unit.isConstructor() && unit.getOwner().isRecord())
                      && unit.getRawParameterTypes().stream()
                          .anyMatch(type -> type.isEquivalentTo(Optional.class))) {
                    events.add(
                        SimpleConditionEvent.violated(
                            member, member.getFullName() + " takes an Optional"));
                  }
                }
              });

  /** Public or protected, in a public type that is not the library's own business. */
  private static boolean isSeen(JavaMember member) {
    JavaClass owner = member.getOwner();
    boolean visible =
        member.getModifiers().contains(JavaModifier.PUBLIC)
            || member.getModifiers().contains(JavaModifier.PROTECTED);
    for (JavaClass type = owner; ; type = type.getEnclosingClass().get()) {
      visible &= type.getModifiers().contains(JavaModifier.PUBLIC);
      if (type.getEnclosingClass().isEmpty()) {
        break;
      }
    }
    return visible && !isInternal(owner) && !owner.getPackageName().equals(FILES);
  }

  private static Stream<JavaType> types(JavaMember member) {
    if (member instanceof JavaField field) {
      return Stream.of(field.getType());
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    return Stream.concat(unit.getParameterTypes().stream(), Stream.of(unit.getReturnType()));
  }

  private static boolean isHidden(JavaClass type) {
    return isInternal(type) || HIDDEN.stream().anyMatch(type.getName()::startsWith);
  }

  private static boolean isInternal(JavaClass type) {
    return type.getPackageName().contains(".internal");
  }
}
