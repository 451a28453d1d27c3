package io.github.moa4j.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.training.data.ExampleFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The dependencies and properties of README and docs, and the links between the pages. */
class ConfigurationSnippetsTest {

  private static final Pattern PROPERTY = Pattern.compile("`(moa\\.[a-z.-]+[a-z])`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  static List<Snippet> dependencies() {
    return Snippet.in("xml");
  }

  @ParameterizedTest
  @MethodSource("dependencies")
  void dependenciesAreThoseOfTheBom(Snippet snippet) throws Exception {
    Set<String> known =
        coordinates(parse(Files.readString(Snippet.ROOT.resolve("moa-core/bom/pom.xml"))));
    known.add("moa-bom");

    Set<String> used = coordinates(parse("<project>" + snippet.text() + "</project>"));

    assertThat(used).isNotEmpty().isSubsetOf(known);
  }

  /** Artifact ids, with the classifier where there is one. */
  private static Set<String> coordinates(Document pom) {
    Set<String> found = new TreeSet<>();
    NodeList dependencies = pom.getElementsByTagName("dependency");
    for (int i = 0; i < dependencies.getLength(); i++) {
      Element dependency = (Element) dependencies.item(i);
      NodeList classifier = dependency.getElementsByTagName("classifier");
      found.add(
          dependency.getElementsByTagName("artifactId").item(0).getTextContent()
              + (classifier.getLength() == 0 ? "" : ":" + classifier.item(0).getTextContent()));
    }
    return found;
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  static List<Snippet> properties() {
    return Snippet.in("properties");
  }

  @ParameterizedTest
  @MethodSource("properties")
  void propertiesAreThoseThatTheStarterDescribes(Snippet snippet) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(snippet.text()));

    assertThat(properties.stringPropertyNames())
        .filteredOn(name -> name.startsWith("moa."))
        .isNotEmpty()
        .isSubsetOf(described());
  }

  @Test
  void pagesNamePropertiesThatTheStarterDescribes() throws IOException {
    Set<String> described = described();
    String page = Snippet.read(Snippet.ROOT.resolve("docs/spring.md"));

    assertThat(
            page.lines()
                .filter(line -> line.startsWith("| `moa.") && line.split("\\|").length == 4)
                .flatMap(line -> PROPERTY.matcher(line).results().limit(1))
                .map((MatchResult result) -> result.group(1)))
        .filteredOn(name -> described.stream().noneMatch(known -> known.startsWith(name)))
        .filteredOn(name -> !METERS.contains(name))
        .isEmpty();
  }

  private static final Set<String> METERS =
      Set.of("moa.queue", "moa.routing.confidence", "moa.abstentions");

  private static Set<String> described() throws IOException {
    Set<String> names = new TreeSet<>();
    Enumeration<URL> files =
        ConfigurationSnippetsTest.class
            .getClassLoader()
            .getResources("META-INF/spring-configuration-metadata.json");
    while (files.hasMoreElements()) {
      try (InputStream in = files.nextElement().openStream()) {
        for (JsonNode property : new ObjectMapper().readTree(in).get("properties")) {
          names.add(property.get("name").asText());
        }
      }
    }
    return names;
  }

  static List<Snippet> examples() {
    return Snippet.in("json");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesOfDataCanBeRead(Snippet snippet, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("train.jsonl"), snippet.text());

    assertThat(ExampleFile.read(file).examples()).hasSize((int) snippet.text().lines().count());
  }

  @Test
  void linksLeadSomewhere() {
    List<String> broken = new ArrayList<>();
    for (Path page : Snippet.pages()) {
      LINK.matcher(Snippet.read(page))
          .results()
          .map(result -> result.group(1))
          .filter(target -> !Files.exists(page.resolveSibling(target)))
          .forEach(target -> broken.add(Snippet.ROOT.relativize(page) + " -> " + target));
    }
    assertThat(broken).isEmpty();
  }
}
