package assay.reconciliation.report;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.DayRange;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page says, without a browser. */
class HtmlPageTest {
  private final String page = ReportFormat.HTML.write(SampleReport.month());

  @Test
  void aPageIsOneFileOfAReasonableSizeThatNamesNoOtherPlace() {
    assertThat(page.length()).isLessThan(2_000_000);
    String own = page.replaceAll("(?s)<script>.*?</script>", "");
    assertThat(own)
        .contains("default-src &#39;none&#39;; script-src &#39;sha256-")
        .containsOnlyOnce("unsafe-inline");
    assertThat(own).doesNotContainPattern("(?i)(src|href)=\"(?!#)");
    assertThat(own).doesNotContain("http://").doesNotContain("https://").doesNotContain("url(");
  }

  @Test
  void noValueOfTheDataEndsAScriptOrBeginsATag() {
    assertThat(page.replaceAll("(?s)<script>.*?</script>", "")).doesNotContain("<img");
    Matcher scripts = Pattern.compile("(?s)<script[^>]*>(.*?)</script>").matcher(page);
    int count = 0;
    while (scripts.find()) {
      count++;
    }
    assertThat(count).isEqualTo(3);
    assertThat(page)
        .contains("&lt;/script&gt;&lt;img src=x onerror=&quot;window.injected=1&quot;&gt;");
  }

  @Test
  void aReaderLearnsFirstHowTheDaysCameOutAndWhy() {
    assertThat(page)
        .contains("31 days: 31 agree, 0 explained, 0 unexplained; no number differs.")
        .contains(
            "30 days: 18 agree within tolerance, 10 explained, 1 unexplained, 1 cannot be said"
                + " yet, 1 not compared; no row explains -3 flights and -52.5 delay_minutes.");
  }

  @Test
  void aCellTellsBothNumbersTheReasonAndHowToListItsRows() {
    assertThat(page)
        .contains("<td class=\"n\">1,643</td>")
        .contains("<td class=\"n\">658.25</td>")
        .contains("<td class=\"n\">-984.75</td>");
    assertThat(page.replaceAll("<[^>]*>", "").replaceAll("\\s+", " "))
        .contains(
            "assay reconcile --show late --date 2001-01-01 --metrics route_day"
                + " --cell origin=DFW,destination=HOU");
  }

  @Test
  void otherPartsSayWhatTheTablesSay() {
    assertThat(page)
        .contains(
            "2 of about 229 values of origin carry 84 % of the difference in flights: DFW 61 %")
        .contains("the other 31")
        .contains("The 2 greatest of 65 differences.")
        .contains("went as far as measures: nothing is left to explain.")
        .containsOnlyOnce("More cells differ than the contract bears")
        .contains("41 % of the windows were final after 1 min, 99.91 % after 24 h")
        .contains("canary, 10 % of consumers")
        .contains("2001-01-20 is DIVERGED")
        .contains("Every row that is in Kafka")
        .contains("1,000 – 1,009: transaction markers");
  }

  @Test
  void whatHasNotBeenComputedIsSaid() {
    ReportModel plain =
        new ReportModel(
            Instant.EPOCH,
            new DayRange(SampleReport.FIRST, SampleReport.FIRST.plusDays(30)),
            List.of(SampleReport.cityHour()),
            List.of());
    assertThat(ReportFormat.HTML.write(plain))
        .contains("This has not been computed for these days.")
        .contains("every row of bronze was accounted for")
        .doesNotContain("Who reads the stream");
  }
}
