package assay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.cli.demo.DemoRecord.Kind;
import assay.core.AssayException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoEventsTest {
  private static final Path FLIGHTS =
      Path.of(System.getProperty("assay.root"), "examples", "flights", "flights.jsonl.gz");

  private static DemoEvents events;

  @BeforeAll
  static void read() {
    events = DemoEvents.read(FLIGHTS);
  }

  @Test
  void threeRealDaysOfFlightsAreInTheFile() throws IOException {
    assertThat(events.flights()).isEqualTo(48_626);
    Map<String, Integer> days = new TreeMap<>();
    for (DemoRecord record : ofKind(Kind.FLIGHT)) {
      days.merge(scheduledAt(record).toString().substring(0, 10), 1, Integer::sum);
    }
    assertThat(days)
        .isEqualTo(Map.of("2001-01-01", 14_828, "2001-01-02", 16_850, "2001-01-03", 16_948));
    assertThat(Files.size(FLIGHTS)).isLessThan(2_000_000);
  }

  @Test
  void faultsAreCounted() {
    assertThat(events.faults()).isEqualTo(new Faults(25, 20, 10, 10, 2, 3, 2, 5));
    assertThat(events.faults().quarantined()).isEqualTo(32);
    assertThat(events.faults().total()).isEqualTo(77);
    assertThat(events.records()).hasSize(48_703);
  }

  @Test
  void theFirstRecordsAreTheFirstLines() {
    assertThat(events.records().get(0))
        .isEqualTo(
            new DemoRecord(
                Kind.FLIGHT,
                "200101010003-LAX-ATL-1",
                Optional.of(
                    "{\"flight_id\":\"200101010003-LAX-ATL-1\","
                        + "\"scheduled_at\":\"2001-01-01T00:03:00Z\",\"delay_minutes\":-20,"
                        + "\"distance_miles\":1946,\"origin\":\"LAX\",\"destination\":\"ATL\"}")));
  }

  @Test
  void readingTwiceGivesTheSameRecords() {
    assertThat(DemoEvents.read(FLIGHTS).records()).isEqualTo(events.records());
  }

  @Test
  void faultsStandAllOverTheStream() {
    List<DemoRecord> records = events.records();
    int[] perTenth = new int[10];
    for (int i = 0; i < records.size(); i++) {
      if (records.get(i).kind() != Kind.FLIGHT) {
        perTenth[i * 10 / records.size()]++;
      }
    }
    assertThat(perTenth).containsExactly(8, 8, 9, 6, 9, 8, 11, 7, 8, 3);
  }

  @Test
  void aRepeatIsAnEarlierRecordToTheByte() {
    assertThat(ofKind(Kind.REPEAT))
        .hasSize(25)
        .allSatisfy(
            repeat -> {
              int first =
                  events
                      .records()
                      .indexOf(new DemoRecord(Kind.FLIGHT, repeat.key(), repeat.value()));
              assertThat(first).isNotNegative().isLessThan(events.records().indexOf(repeat));
            });
    assertThat(ofKind(Kind.REPEAT).get(0).key()).isEqualTo("200101010651-LAX-DFW-1");
  }

  @Test
  void aCorrectionHasTheKeyAndTheTimeOfAnEarlierRecordAndAnotherDelay() {
    DemoRecord first = ofKind(Kind.CORRECTION).get(0);
    assertThat(first.key()).isEqualTo("200101010710-BTV-PIT-1");
    assertThat(first.value())
        .hasValue(
            "{\"flight_id\":\"200101010710-BTV-PIT-1\",\"scheduled_at\":\"2001-01-01T07:10:00Z\","
                + "\"delay_minutes\":20,\"distance_miles\":454,"
                + "\"origin\":\"BTV\",\"destination\":\"PIT\"}");
    assertThat(flightOf("200101010710-BTV-PIT-1").value().orElseThrow())
        .contains("\"delay_minutes\":13,");
    // From −10 to −3: a sign is no trouble.
    assertThat(ofKind(Kind.CORRECTION).get(1).value().orElseThrow())
        .contains("200101011024-BFL-LAX-1", "\"delay_minutes\":-3,");
    assertThat(ofKind(Kind.CORRECTION))
        .allSatisfy(
            correction ->
                assertThat(events.records().indexOf(flightOf(correction.key())))
                    .isLessThan(events.records().indexOf(correction)));
  }

  @Test
  void someRepeatsAndCorrectionsComeHoursLateAndSomeAtOnce() throws IOException {
    Instant highest = Instant.MIN;
    Map<Kind, List<Duration>> behind = new HashMap<>();
    for (DemoRecord record : events.records()) {
      if (record.kind() == Kind.REPEAT || record.kind() == Kind.CORRECTION) {
        behind
            .computeIfAbsent(record.kind(), k -> new ArrayList<>())
            .add(Duration.between(scheduledAt(record), highest));
      } else if (record.kind() == Kind.FLIGHT && scheduledAt(record).isAfter(highest)) {
        highest = scheduledAt(record);
      }
    }
    assertThat(behind.get(Kind.REPEAT)).filteredOn(d -> d.toHours() >= 12).hasSize(10);
    assertThat(behind.get(Kind.REPEAT)).filteredOn(d -> d.toHours() < 2).hasSize(15);
    assertThat(behind.get(Kind.CORRECTION)).filteredOn(d -> d.toHours() >= 8).hasSize(10);
    assertThat(behind.get(Kind.CORRECTION)).filteredOn(d -> d.toHours() < 2).hasSize(9);
  }

  @Test
  void noFlightHasTwoFaultsThatItsDispositionDependsOn() {
    List<String> keys =
        events.records().stream()
            .filter(r -> r.kind() == Kind.REPEAT || r.kind() == Kind.CORRECTION)
            .map(DemoRecord::key)
            .toList();
    assertThat(keys).hasSize(45).doesNotHaveDuplicates();
  }

  @Test
  void malformedRecordsAreCutInTheMiddleAndKeepTheirKey() {
    assertThat(ofKind(Kind.MALFORMED).get(0))
        .isEqualTo(
            new DemoRecord(
                Kind.MALFORMED,
                "200101010700-SEA-PSP-1",
                Optional.of(
                    "{\"flight_id\":\"200101010700-SEA-PSP-1\",\"scheduled_at\":\"2001-01-01T07:00:00Z\"")));
  }

  @Test
  void failingRowsNameNoAirport() {
    List<DemoRecord> failing = ofKind(Kind.FAILED_RULE);
    assertThat(failing.get(0).key()).isEqualTo("200101010748-iad-ORD-1");
    assertThat(failing.get(0).value().orElseThrow())
        .startsWith("{\"flight_id\":\"200101010748-iad-ORD-1\",")
        .endsWith("\"origin\":\"iad\",\"destination\":\"ORD\"}");
    assertThat(failing.get(1).key()).isEqualTo("200101011235-S3M-TPA-1");
    assertThat(failing.get(1).value().orElseThrow())
        .endsWith("\"origin\":\"S3M\",\"destination\":\"TPA\"}");
    DemoRecord both = ofKind(Kind.FAILED_BOTH_RULES).get(1);
    assertThat(both.value().orElseThrow())
        .contains("\"delay_minutes\":10080,", "\"origin\":\"S3D\"");
  }

  @Test
  void badFieldsAreAWordForANumberAndAMissingDestination() {
    assertThat(ofKind(Kind.WRONG_TYPE).get(0).value().orElseThrow())
        .contains("\"delay_minutes\":\"soon\",");
    assertThat(ofKind(Kind.MISSING_REQUIRED).get(0).value().orElseThrow())
        .endsWith("\"origin\":\"SJU\"}");
  }

  @Test
  void nullValuesKeepTheirKey() {
    assertThat(ofKind(Kind.NULL_VALUE).get(0))
        .isEqualTo(new DemoRecord(Kind.NULL_VALUE, "200101010900-TUS-DFW-1", Optional.empty()));
  }

  @Test
  void everyRecordThatIsNotMadeHasItsOwnKey() {
    Set<String> keys =
        ofKind(Kind.FLIGHT).stream().map(DemoRecord::key).collect(Collectors.toSet());
    assertThat(keys).hasSize(48_626);
  }

  @Test
  void aFileThatIsTooShortIsRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("short.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"flight_id\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> DemoEvents.read(file))
        .isInstanceOf(AssayException.class)
        .hasMessage(file + " holds 1 flights, the demo's faults need more");
  }

  @Test
  void aFileThatIsMissingOrNotGzippedIsNamed(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> DemoEvents.read(folder.resolve("none.gz")))
        .isInstanceOf(AssayException.class)
        .hasMessageStartingWith("cannot read the demo's flights from " + folder);
    Path plain = Files.writeString(folder.resolve("plain.gz"), "not gzipped");
    assertThatThrownBy(() -> DemoEvents.read(plain))
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("Not in GZIP format");
  }

  private static DemoRecord flightOf(String key) {
    return ofKind(Kind.FLIGHT).stream().filter(r -> r.key().equals(key)).findFirst().orElseThrow();
  }

  private static List<DemoRecord> ofKind(Kind kind) {
    return events.records().stream().filter(r -> r.kind() == kind).toList();
  }

  private static Instant scheduledAt(DemoRecord record) throws IOException {
    return Instant.parse(
        new ObjectMapper().readTree(record.value().orElseThrow()).get("scheduled_at").asText());
  }
}
