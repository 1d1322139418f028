package assay.reconciliation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What people see. {@code -Dassay.screenshots=FOLDER} keeps the pictures. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTest {
  private static final int DESKTOP = 1200;
  private static final int PHONE = 390;

  private Chromium browser;
  private Path page;

  @BeforeAll
  void openPage(@TempDir Path folder) throws Exception {
    Optional<Path> installed = Chromium.installed();
    if (installed.isEmpty()) {
      System.err.println("BrowserTest is skipped: there is no chromium on the PATH");
    }
    assumeTrue(installed.isPresent(), "there is no chromium on the PATH");
    page = folder.resolve("report.html");
    Files.writeString(page, ReportFormat.HTML.write(SampleReport.month()));
    browser = Chromium.start(installed.get(), folder.resolve("profile"));
  }

  @AfterAll
  void closeBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void nothingIsAskedOfTheNetworkAndNothingIsComplainedAbout() throws Exception {
    open(DESKTOP, "light");
    assertThat(browser.requests()).containsExactly(page.toUri().toString());
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void whatComesFromTheDataIsTextAndNoMarkup() throws Exception {
    open(DESKTOP, "light");
    assertThat(browser.evaluate("typeof window.injected").asText()).isEqualTo("undefined");
    assertThat(browser.evaluate("document.images.length").asInt()).isZero();
    assertThat(texts("td")).contains(SampleReport.HOSTILE);
  }

  @Test
  void thePolicyStopsScriptsThatAreNotItsOwn() throws Exception {
    open(DESKTOP, "light");
    browser.evaluate(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.injected = 1';"
            + " document.body.append(s); })()");
    browser.evaluate("fetch('https://example.org/').catch(() => {}) && null");
    assertThat(browser.evaluate("typeof window.injected").asText()).isEqualTo("undefined");
    assertThat(browser.complaints()).anyMatch(c -> c.contains("Content Security Policy"));
  }

  @Test
  void chartsAreDrawnWithTheirWordsAndLetters() throws Exception {
    open(DESKTOP, "light");
    assertThat(browser.evaluate("document.querySelectorAll('.chart > div > svg').length").asInt())
        .isEqualTo(3);
    assertThat(texts(".heat svg text"))
        .contains("route_day", "city_hour", "M  agrees", "D  unexplained", "D", "?", "–", "1 Jan");
    assertThat(texts(".causes svg text")).contains("late", "superseded", "unexplained");
    assertThat(texts(".convergence svg text")).contains("worst window", "15 min", "24 h");
    for (JsonNode label :
        browser.evaluate("[...document.querySelectorAll('.chart')].map(c => c.ariaLabel)")) {
      assertThat(label.asText()).hasSizeGreaterThan(60);
    }
  }

  @Test
  void anotherMeasureIsDrawnWhenItIsChosen() throws Exception {
    open(DESKTOP, "light");
    browser.evaluate(
        "(() => { const s = document.querySelector('#route_day select'); s.value = '1';"
            + " s.dispatchEvent(new Event('change')); })()");
    assertThat(texts(".causes svg text")).contains("delay_minutes, live − batch");
  }

  @Test
  void aPageFitsAPhoneWithoutScrollingSideways() throws Exception {
    open(PHONE, "light");
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .isLessThanOrEqualTo(PHONE);
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)");
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .isLessThanOrEqualTo(PHONE);
    assertThat(browser.evaluate("document.querySelector('.heat').clientHeight").asInt())
        .as("the days go down")
        .isGreaterThan(600);
    keep("phone-open", browser.screenshot());
  }

  @Test
  void itIsDarkWhereThatIsPreferred() throws Exception {
    open(DESKTOP, "light");
    assertThat(brightness(browser.screenshot())).isGreaterThan(200);
    open(DESKTOP, "dark");
    assertThat(brightness(browser.screenshot())).isLessThan(60);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void theKeyboardReachesADayAndOpensIt() throws Exception {
    open(DESKTOP, "light");
    browser.press("Tab");
    assertThat(browser.evaluate("document.activeElement.className").asText()).isEqualTo("skip");
    String day = "route_day-2001-01-01";
    assertThat(browser.evaluate("document.getElementById('%s').open".formatted(day)).asBoolean())
        .isFalse();
    browser.evaluate(
        "(() => { document.querySelector('#days details').open = true;"
            + " document.querySelector('a[href=\"#%s\"]').focus(); })()".formatted(day));
    browser.press("Enter");
    assertThat(browser.evaluate("document.getElementById('%s').open".formatted(day)).asBoolean())
        .isTrue();
  }

  @Test
  void everyTableAndChartHasANameAndHeadingsDescendByOne() throws Exception {
    open(DESKTOP, "light");
    assertThat(
            browser
                .evaluate("document.querySelectorAll('[role=img]:not([aria-label])').length")
                .asInt())
        .isZero();
    assertThat(
            browser
                .evaluate(
                    "[...document.querySelectorAll('table')].filter(t => !t.closest('[role=region][aria-label]')).length")
                .asInt())
        .isZero();
    int before = 0;
    for (JsonNode level :
        browser.evaluate(
            "[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")) {
      assertThat(level.asInt()).isLessThanOrEqualTo(before + 1);
      before = level.asInt();
    }
    assertThat(
            browser
                .evaluate("['header', 'main', 'footer'].every(t => document.querySelector(t))")
                .asBoolean())
        .isTrue();
    assertThat(
            browser
                .evaluate(
                    "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
                        + " - document.querySelectorAll('[id]').length")
                .asInt())
        .as("ids that stand twice")
        .isZero();
  }

  @Test
  void textStandsOutFromItsBackground() throws Exception {
    for (String scheme : List.of("light", "dark")) {
      open(DESKTOP, scheme);
      for (String pair :
          List.of(
              "ink/card",
              "muted/card",
              "muted/page",
              "link/card",
              "match-ink/match",
              "tolerated-ink/tolerated",
              "explained-ink/explained",
              "diverged-ink/diverged",
              "inconclusive-ink/inconclusive",
              "none-ink/none")) {
        String[] names = pair.split("/", -1);
        double one = luminance(names[0]);
        double other = luminance(names[1]);
        double contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        assertThat(contrast).as(scheme + " " + pair).isGreaterThanOrEqualTo(4.5);
      }
    }
  }

  @Test
  void onPaperItIsWholeAndLight() throws Exception {
    open(DESKTOP, "dark");
    byte[] pdf = browser.print();
    assertThat(new String(pdf, 0, 5, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("%PDF-");
    keep("report.pdf", pdf);
    assertThat(browser.evaluate("document.querySelectorAll('details[data-folded]').length").asInt())
        .as("what was unfolded for the printer is folded again")
        .isZero();
  }

  private void open(int width, String scheme) throws Exception {
    browser.look(width, 900, scheme);
    browser.open(page);
    keep(width + "-" + scheme, browser.screenshot());
  }

  private List<String> texts(String selector) {
    List<String> texts = new ArrayList<>();
    browser
        .evaluate(
            "[...document.querySelectorAll('%s')].map(e => e.textContent)".formatted(selector))
        .forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Of a colour of the style sheet, as WCAG defines it. */
  private double luminance(String name) {
    String hex =
        browser
            .evaluate(
                "getComputedStyle(document.documentElement).getPropertyValue('--%s').trim()"
                    .formatted(name))
            .asText();
    int rgb = Integer.parseInt(hex.substring(1), 16);
    return 0.2126 * linear(rgb >> 16 & 255)
        + 0.7152 * linear(rgb >> 8 & 255)
        + 0.0722 * linear(rgb & 255);
  }

  private static double linear(int part) {
    double value = part / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  /** The mean of all pixels, 0 to 255. */
  private static double brightness(byte[] png) throws Exception {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    long sum = 0;
    long parts = 0;
    for (int y = 0; y < image.getHeight(); y += 3) {
      for (int x = 0; x < image.getWidth(); x += 3) {
        int rgb = image.getRGB(x, y);
        sum += (rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255);
        parts += 3;
      }
    }
    return (double) sum / parts;
  }

  private static void keep(String name, byte[] file) throws Exception {
    String folder = System.getProperty("assay.screenshots");
    if (folder != null) {
      Files.write(Path.of(folder, name.contains(".") ? name : name + ".png"), file);
    }
  }
}
