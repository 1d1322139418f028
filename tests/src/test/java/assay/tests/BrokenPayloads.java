package assay.tests;

import java.util.List;

/** Payloads that fail, each in its own way. */
final class BrokenPayloads {
  private BrokenPayloads() {}

  static List<String> of(String id, String at) {
    String whole =
        "{\"flight_id\":\"%s\",\"scheduled_at\":\"%s\",\"delay_minutes\":5,".formatted(id, at)
            + "\"distance_miles\":100,\"origin\":\"SEA\",\"destination\":\"LAX\"}";
    return List.of(
        // No JSON object.
        "",
        "   ",
        "no json",
        "42",
        "null",
        "\"text\"",
        "[]",
        "[" + whole + "]",
        whole.substring(0, whole.length() - 1),
        whole.substring(0, 40),
        "{",
        // Columns that are not of their type.
        whole.replace(":5,", ":\"five\","),
        whole.replace(":5,", ":12.5,"),
        whole.replace(":5,", ":1e2,"),
        whole.replace(":5,", ":true,"),
        whole.replace(":5,", ":\"\","),
        whole.replace(":5,", ":{\"minutes\":5},"),
        whole.replace(":5,", ":2147483648,"),
        whole.replace(":100,", ":\" 100\","),
        whole.replace(at, "yesterday"),
        whole.replace(at, "2001-01-01"),
        whole.replace(at, "2001-02-29T00:00:00Z"),
        whole.replace(at, "2001-01-01T25:00:00Z"),
        whole.replace("\"" + at + "\"", "978307200"),
        // Required ones that are not there.
        "{}",
        whole.replace("\"flight_id\"", "\"flight\""),
        whole.replace("\"SEA\"", "null"),
        whole.replace("\"SEA\"", "null").replace("\"LAX\"", "null"),
        // Rules, alone and together.
        whole.replace("SEA", "sea"),
        whole.replace("LAX", "LAXX"),
        whole.replace("SEA", "Zürich"),
        whole.replace("\"SEA\"", "7"),
        whole.replace("SEA", "S3A").replace(":5,", ":-1441,"),
        // One of everything.
        whole
            .replace("\"flight_id\"", "\"flight\"")
            .replace(at, "never")
            .replace(":5,", ":4000,")
            .replace(":100,", ":[],")
            .replace("SEA", "s"));
  }
}
