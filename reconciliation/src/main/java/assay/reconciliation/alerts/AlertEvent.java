package assay.reconciliation.alerts;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Something that is told once: a row of {@code ops.alerts}, and the message that is sent of it.
 *
 * @param number 1 for the first of its cause, one more with each
 * @param finding what holds, or held where {@code what} is {@code CLEAR}
 * @param at when it was found
 */
record AlertEvent(long number, What what, Finding finding, Instant at) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What happened to a cause. */
  enum What {
    /** It holds now and did not. */
    OPEN,

    /** It holds in another way than was told. */
    CHANGED,

    /** It does not hold any more. */
    CLEAR;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  boolean isOpen() {
    return what != What.CLEAR;
  }

  /** The same for the same event, however often it is sent. */
  String id() {
    String of = finding.cause() + "|" + number + "|" + what.label() + "|" + finding.state();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(of.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** One line for a person. */
  String summary() {
    return isOpen() ? finding.summary() : "all clear: " + finding.summary();
  }

  /** All that there is to say. */
  String generic() {
    ObjectNode document = JSON.createObjectNode();
    document.put("id", id());
    document.put("number", number);
    document.put("state", what.label());
    document.put("cause", finding.cause());
    document.put("kind", finding.kind().label());
    document.put("subject", finding.subject());
    document.put("severity", finding.kind().severity());
    document.put("summary", summary());
    document.put("at", at.toString());
    ObjectNode details = document.putObject("details");
    finding.details().forEach(details::put);
    return document.toString();
  }

  /** What an incoming webhook of Slack expects. */
  String slack() {
    String sign =
        !isOpen()
            ? ":white_check_mark:"
            : finding.kind().severity().equals("critical") ? ":red_circle:" : ":warning:";
    ObjectNode document = JSON.createObjectNode();
    document.put("text", "%s *assay* %s (%s)".formatted(sign, escaped(summary()), id()));
    return document.toString();
  }

  /** Slack reads three characters as its own. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /**
   * What PagerDuty's Events API v2 expects.
   *
   * @param key of the integration
   */
  String pagerDuty(String key) {
    ObjectNode document = JSON.createObjectNode();
    document.put("routing_key", key);
    document.put("event_action", isOpen() ? "trigger" : "resolve");
    document.put("dedup_key", "assay:" + finding.cause());
    ObjectNode payload = document.putObject("payload");
    payload.put("summary", summary());
    payload.put("source", "assay");
    payload.put("severity", finding.kind().severity());
    payload.put("timestamp", at.toString());
    payload.put("component", finding.subject());
    payload.put("class", finding.kind().label());
    ObjectNode details = payload.putObject("custom_details");
    details.put("id", id());
    finding.details().forEach(details::put);
    return document.toString();
  }
}
