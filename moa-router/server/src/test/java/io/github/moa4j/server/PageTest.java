package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page in a real browser. Skipped where Debian's chromium and chromium-driver are missing. */
@Timeout(300)
final class PageTest {

  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private static MoaServer server;
  private static ChromeDriver browser;

  @BeforeAll
  static void open() {
    assumeTrue(
        Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER),
        "chromium and chromium-driver are not installed");
    server = MoaServer.start(ServedMixture.shared(), ServerSettings.builder().port(0).build());
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BROWSER.toFile());
    options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build(),
            options);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.quit();
      server.close();
    }
  }

  /** What is none of the domains', the base answers at length. */
  private static final String ENDLESS =
      ServedMixture.SOUND + " " + "averylongwordwithoutanyspace".repeat(8);

  private static void load() {
    browser.get("http://127.0.0.1:" + server.port() + "/");
    await(() -> browser.findElements(By.cssSelector("#model option")).size() == 4);
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    new WebDriverWait(browser, Duration.ofSeconds(60)).until(any -> condition.getAsBoolean());
  }

  private static void ask(String text) {
    browser.findElement(By.id("text")).sendKeys(text, Keys.ENTER);
    await(() -> browser.findElement(By.id("send")).isDisplayed());
  }

  private static List<WebElement> answers() {
    return browser.findElements(By.tagName("article"));
  }

  private static void picture(String name) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "pictures"));
    Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }

  @Test
  void theAnswerStreamsInAndTheRouterIsShown() throws IOException {
    browser.manage().window().setSize(new Dimension(1100, 800));
    load();

    ask(ServedMixture.CAPITAL);

    WebElement answer = answers().get(0);
    assertThat(answer.findElement(By.tagName("p")).getText())
        .isEqualTo("Paris is the capital of France.");
    assertThat(answer.findElement(By.tagName("h2")).getText())
        .matches("capitals answers, [0-9.]+ % sure");
    assertThat(answer.findElements(By.tagName("meter"))).hasSizeGreaterThanOrEqualTo(2);
    picture("wide");
  }

  @Test
  void twoAnswerSideBySide() throws IOException {
    load();
    new Select(browser.findElement(By.id("model"))).selectByValue("animals");
    new Select(browser.findElement(By.id("beside"))).selectByValue("base");

    ask(ServedMixture.SOUND);

    assertThat(answers()).hasSize(2);
    assertThat(answers().get(0).getText()).contains("Moo, moo.", "animals answers, as asked");
    assertThat(answers().get(1).getText()).contains("the base");
    picture("beside");
  }

  @Test
  void aNarrowScreenHoldsThePage() throws IOException {
    browser.manage().window().setSize(new Dimension(500, 800));
    load();

    ask(ENDLESS);

    assertThat((Boolean) browser.executeScript("return document.body.scrollWidth <= innerWidth"))
        .isTrue();
    picture("narrow");
  }

  @Test
  void keysAloneAreEnough() {
    load();
    WebElement box = browser.switchTo().activeElement();
    assertThat(box.getDomAttribute("id")).isEqualTo("text");

    box.sendKeys(ServedMixture.CAPITAL, Keys.ENTER);
    await(() -> browser.findElement(By.id("send")).isDisplayed());

    assertThat(answers().get(0).getText()).contains("Paris is the capital of France.");
    assertThat(browser.switchTo().activeElement()).isEqualTo(box);
    box.sendKeys("one line", Keys.chord(Keys.SHIFT, Keys.ENTER), "and another", Keys.TAB);
    assertThat(box.getDomProperty("value")).isEqualTo("one line\nand another");
    assertThat(browser.switchTo().activeElement().getDomAttribute("id")).isEqualTo("send");
  }

  @Test
  void aQuestionThatFailsComesBackWithTheReason() throws IOException {
    load();
    browser.executeScript("document.getElementById('model').append(new Option('gone', 'gone'))");
    new Select(browser.findElement(By.id("model"))).selectByValue("gone");

    ask("Are you there?");

    assertThat(answers().get(0).getText()).contains("gone", "does not exist");
    assertThat(browser.findElement(By.id("text")).getDomProperty("value"))
        .isEqualTo("Are you there?");
    picture("wrong");
  }

  @Test
  void nothingIsAskedOfAnotherAddress() {
    load();
    List<?> asked =
        (List<?>)
            browser.executeScript(
                "return performance.getEntriesByType('resource').map(entry => entry.name)");
    assertThat(asked)
        .isNotEmpty()
        .allMatch(name -> name.toString().startsWith("http://127.0.0.1:" + server.port() + "/"));
  }
}
