package assay.tests;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A stream of flights as a bad day brings them: late, repeated, corrected, and broken in every way
 * that the page on dispositions names. The same seed gives the same events.
 */
final class FlightEvents {
  private static final Instant START = Instant.parse("2001-01-01T20:00:00Z");
  private static final Duration PACE = Duration.ofSeconds(12);
  private static final List<String> AIRPORTS = List.of("SEA", "LAX", "JFK", "ORD");

  private final Random random;
  private final List<Sent> sent = new ArrayList<>();
  private final List<Version> versions = new ArrayList<>();

  /** A flight as text, each value ready to stand in JSON. */
  private record Version(
      String id, Instant at, String delay, String distance, String origin, String destination) {

    String json() {
      return json("\"" + at + "\"", delay);
    }

    String json(String at, String delay) {
      return "{\"flight_id\":\"%s\",\"scheduled_at\":%s,\"delay_minutes\":%s,"
              .formatted(id, at, delay)
          + "\"distance_miles\":%s,\"origin\":\"%s\",\"destination\":\"%s\"}"
              .formatted(distance, origin, destination);
    }

    /** The same values in other words. */
    String otherwise() {
      String local = at.toString().replace('T', ' ').replace("Z", ".000000+00:00");
      String quoted = delay.equals("null") ? "null" : "\"" + delay + "\"";
      return " {\"seen\": [1, {\"by\": \"塔台\"}], " + json("\"" + local + "\"", quoted).substring(1);
    }
  }

  /**
   * A record to produce.
   *
   * @param key decides on the Kafka partition
   */
  record Sent(String key, Optional<byte[]> value) {}

  private FlightEvents(long seed) {
    this.random = new Random(seed);
  }

  static List<Sent> generate(long seed, int count) {
    FlightEvents events = new FlightEvents(seed);
    while (events.sent.size() < count) {
      events.sendNext();
    }
    return List.copyOf(events.sent);
  }

  private void sendNext() {
    int kind = random.nextInt(1000);
    if (kind < 60) {
      send(flight(Duration.ofMinutes(90 + random.nextInt(3000))));
    } else if (kind < 360 && !versions.isEmpty()) {
      sendAgain(kind);
    } else if (kind < 440) {
      sendBroken();
    } else if (kind < 450) {
      sent.add(new Sent(newId(), Optional.empty()));
    } else if (kind < 460) {
      sent.add(new Sent(newId(), Optional.of(new byte[] {'{', (byte) 0xff, '}'})));
    } else {
      send(flight(Duration.ofMinutes(random.nextInt(100))));
    }
  }

  private void sendAgain(int kind) {
    int recent = Math.max(0, versions.size() - 12);
    Version any = versions.get(random.nextInt(versions.size()));
    Version near = versions.get(recent + random.nextInt(versions.size() - recent));
    if (kind < 100) {
      send(near);
    } else if (kind < 160) {
      // A repeat of any age; of a value that was superseded, where there was a correction.
      send(any);
    } else if (kind < 180) {
      sent.add(new Sent(near.id(), Optional.of(bytes(near.otherwise()))));
    } else {
      Version correction = corrected(kind < 260 ? near : any);
      send(correction);
      if (kind % 5 == 0) {
        send(corrected(correction));
      }
      if (kind % 7 == 0) {
        send(kind < 260 ? near : any);
      }
    }
  }

  private Version corrected(Version v) {
    return switch (random.nextInt(5)) {
      case 0 -> new Version(v.id(), v.at(), v.delay(), v.distance(), v.origin(), airport());
      case 1 -> {
        // Seldom far, and never far ahead, which would make all that follows late.
        int most = random.nextInt(4) == 0 ? 1440 : 40;
        Instant moved = v.at().minus(random.nextInt(most) - 10L, ChronoUnit.MINUTES);
        yield new Version(v.id(), moved, v.delay(), v.distance(), v.origin(), v.destination());
      }
      default -> new Version(v.id(), v.at(), delay(), v.distance(), v.origin(), v.destination());
    };
  }

  private void sendBroken() {
    List<String> payloads = BrokenPayloads.of(newId(), now().toString());
    String payload = payloads.get(random.nextInt(payloads.size()));
    sent.add(new Sent("broken" + sent.size() % 7, Optional.of(bytes(payload))));
  }

  private void send(Version version) {
    versions.add(version);
    sent.add(new Sent(version.id(), Optional.of(bytes(version.json()))));
  }

  private Version flight(Duration behind) {
    Instant at = now().minus(behind).truncatedTo(ChronoUnit.MINUTES);
    String distance = random.nextInt(10) == 0 ? "null" : "" + (200 + random.nextInt(2500));
    return new Version(newId(), at, delay(), distance, airport(), airport());
  }

  private Instant now() {
    return START.plus(PACE.multipliedBy(sent.size()));
  }

  private String newId() {
    return (random.nextInt(20) == 0 ? "航班 ✈ " : "UA") + "-" + sent.size();
  }

  private String delay() {
    return switch (random.nextInt(12)) {
      case 0 -> "null";
      // Beyond what the rule finds sane, which only warns.
      case 1 -> "" + (2881 + random.nextInt(100));
      default -> "" + (random.nextInt(240) - 30);
    };
  }

  private String airport() {
    return AIRPORTS.get(random.nextInt(AIRPORTS.size()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
