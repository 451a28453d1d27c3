package io.github.moa4j.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What Maven Central asks of a POM, and consumers of the BOM. */
class PublishedModulesTest {

  private static final String BOM = "moa-core/bom";

  /** The modules but those that are never deployed and the BOM. */
  static List<String> modules() {
    return texts(pom(""), "/project/modules/module").stream()
        .filter(module -> !module.equals(BOM))
        .filter(module -> texts(pom(module), "/project/properties/maven.deploy.skip").isEmpty())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void everyModuleSaysWhatItIsAndHasAPlaceInTheBom(String module) {
    Document pom = pom(module);
    for (String element : List.of("name", "description", "properties/module.name")) {
      assertThat(texts(pom, "/project/" + element)).as(element).hasSize(1);
    }
    assertThat(texts(pom(BOM), "//dependency[groupId='io.github.moa4j']/artifactId"))
        .containsAll(texts(pom, "/project/artifactId"));
  }

  @Test
  void rootAndBomSayWhoWroteThemAndUnderWhichTerms() {
    for (String module : List.of("", BOM)) {
      for (String element :
          List.of(
              "name",
              "description",
              "url",
              "licenses/license/url",
              "developers/developer/name",
              "scm/connection",
              "scm/developerConnection",
              "scm/url")) {
        assertThat(texts(pom(module), "/project/" + element)).as(module + element).hasSize(1);
      }
    }
  }

  private static Document pom(String module) {
    Path file = Snippet.ROOT.resolve(module).resolve("pom.xml");
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    } catch (Exception e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private static List<String> texts(Document pom, String path) {
    try {
      NodeList found =
          (NodeList)
              XPathFactory.newInstance().newXPath().evaluate(path, pom, XPathConstants.NODESET);
      return Stream.iterate(0, i -> i < found.getLength(), i -> i + 1)
          .map(i -> found.item(i).getTextContent())
          .toList();
    } catch (Exception e) {
      throw new AssertionError(path, e);
    }
  }
}
