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
import org.junit.jupiter.api.io.TempDir;
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

  private static final String LONG_WORD =
      ServedMixture.SOUND + " " + "averylongwordwithoutanyspace".repeat(8);

  private static void load() {
    load(server);
    await(() -> browser.findElements(By.cssSelector("#model option")).size() == 4);
  }

  private static void load(MoaServer from) {
    browser.get("http://127.0.0.1:" + from.port() + "/");
  }

  /** Lets whoever answers the page say this text, which takes a while. */
  private static void letAnswersBe(String text) {
    browser.executeScript(
        """
        const real = window.fetch;
        const schema = {name: 'long', schema: {const: arguments[0]}};
        window.fetch = (path, asked) => real(path, asked.body ? {...asked, body: JSON.stringify({
          ...JSON.parse(asked.body), response_format: {type: 'json_schema', json_schema: schema}})}
          : asked);
        """,
        text);
  }

  private static String said() {
    return browser.findElement(By.cssSelector("article p")).getText();
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

    ask(LONG_WORD);

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
  void anAnswerThatIsStoppedStaysAsFarAsItCame() throws IOException {
    for (String way : List.of("key", "button")) {
      load();
      letAnswersBe(ClientsTest.letters(900));
      browser.findElement(By.id("text")).sendKeys(ServedMixture.SOUND, Keys.ENTER);
      await(
          () -> !browser.findElements(By.cssSelector("article p")).isEmpty() && !said().isEmpty());

      if (way.equals("key")) {
        browser.switchTo().activeElement().sendKeys(Keys.ESCAPE);
      } else {
        browser.findElement(By.id("stop")).click();
      }
      await(() -> browser.findElement(By.id("send")).isDisplayed());

      assertThat(answers().get(0).getText()).contains("stopped");
      assertThat(said()).startsWith("\"").hasSizeBetween(2, 900);
      assertThat(browser.switchTo().activeElement().getDomAttribute("id")).isEqualTo("text");
      assertThat(ServedMixture.shared().registry().awaitLeases(Duration.ofSeconds(30))).isTrue();
      picture("stopped");
    }
    browser.findElement(By.id("fresh")).click();
    assertThat(answers()).isEmpty();
    assertThat(browser.findElement(By.id("empty")).isDisplayed()).isTrue();
  }

  @Test
  void aLongAnswerIsFollowedUnlessItsReaderLooksElsewhere() throws IOException {
    browser.manage().window().setSize(new Dimension(500, 500));
    load();
    String text = ClientsTest.letters(850);
    letAnswersBe(text);
    ask("At length, please");
    assertThat(said()).isEqualTo("\"" + text + "\"");
    assertThat((Boolean) browser.executeScript("return isAtItsEnd()")).isTrue();
    assertThat((Boolean) browser.executeScript("return document.body.scrollWidth <= innerWidth"))
        .isTrue();
    picture("long");

    ask("Behind what is there already");
    assertThat((Boolean) browser.executeScript("return isAtItsEnd()")).isTrue();

    browser.findElement(By.id("text")).sendKeys("And again", Keys.ENTER);
    await(() -> answers().size() == 3);
    browser.executeScript("document.getElementById('talk').scrollTop = 0");
    await(() -> browser.findElement(By.id("send")).isDisplayed());
    assertThat(browser.executeScript("return document.getElementById('talk').scrollTop"))
        .isEqualTo(0L);
  }

  @Test
  void aServerThatIsGoneIsTold() {
    MoaServer gone =
        MoaServer.start(ServedMixture.shared(), ServerSettings.builder().port(0).build());
    load(gone);
    await(() -> browser.findElements(By.cssSelector("#model option")).size() == 4);
    gone.close();
    ask("Are you there?");
    assertThat(answers().get(0).getText()).contains("cannot be reached");
    assertThat(browser.findElement(By.id("text")).getDomProperty("value"))
        .isEqualTo("Are you there?");
  }

  @Test
  void aKeyIsAskedForWhereOneIsNeeded(@TempDir Path folder) throws IOException {
    Path keys = folder.resolve("keys.json");
    Files.writeString(
        keys,
        "{\"keys\": [{\"name\": \"farm\", \"key\": \"key-of-those-who-see-the-farm\", \"domains\": [\"animals\"]}]}");
    try (MoaServer guarded =
        MoaServer.start(
            ServedMixture.shared(),
            ServerSettings.builder().port(0).keys(ApiKeys.read(keys)).build())) {
      load(guarded);
      WebElement key = browser.findElement(By.id("key"));
      await(() -> browser.switchTo().activeElement().equals(key));
      assertThat(browser.findElement(By.id("empty")).getText()).contains("asks for a key");
      picture("key");
      key.sendKeys("another-key-of-some-length", Keys.ENTER);
      await(() -> browser.findElement(By.id("empty")).getText().contains("not known here"));
      key.clear();
      key.sendKeys("key-of-those-who-see-the-farm", Keys.ENTER);
      await(() -> browser.findElements(By.cssSelector("#model option")).size() == 3);
      ask(ServedMixture.SOUND);
      assertThat(said()).isEqualTo("Moo, moo.");
    }
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
