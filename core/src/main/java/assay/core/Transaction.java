package assay.core;

import java.util.Objects;

/**
 * What makes a commit happen once: Delta keeps the highest version per application id in the table
 * and skips a commit whose version is not above it.
 *
 * @param version zero or more, growing with each commit of this application
 */
public record Transaction(String appId, long version) {
  public Transaction {
    Objects.requireNonNull(appId, "appId");
    if (version < 0) {
      throw new IllegalArgumentException("a transaction's version is zero or more: " + version);
    }
  }
}
