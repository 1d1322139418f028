package assay.core;

import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * Where everything lies under the lake's root. Names come from contracts, whose pattern allows
 * neither separators nor dots, so no path built here leaves the root.
 *
 * @param root a local path or any Hadoop file system URI
 */
public record Lake(String root) {

  /** The first level of folders; each is a schema in SQL. */
  public enum Layer {
    BRONZE("bronze"),
    SILVER("silver"),
    QUARANTINE("quarantine"),
    LIVE("live"),
    GOLD("gold"),
    MATERIALIZED_VIEWS("materialized_views"),
    RECONCILIATION("reconciliation"),
    SERVING("serving"),
    OPS("ops");

    private final String folder;

    Layer(String folder) {
      this.folder = folder;
    }

    public String folder() {
      return folder;
    }
  }

  public Lake {
    Objects.requireNonNull(root, "root");
    if (root.isBlank()) {
      throw AssayException.usage("the lake's root is empty", "name a folder or URI under 'lake:'");
    }
  }

  public String folder(Layer layer) {
    return new Path(root, layer.folder()).toString();
  }

  public String table(Layer layer, String name) {
    return new Path(folder(layer), name).toString();
  }

  public String bronze(String domain) {
    return table(Layer.BRONZE, domain);
  }

  /** Offsets that Kafka held no longer when ingestion came to them. */
  public String bronzeGaps(String domain) {
    return table(Layer.BRONZE, domain + "_gaps");
  }

  public String silver(String domain) {
    return table(Layer.SILVER, domain);
  }

  /** What silver set aside: superseded rows and duplicates. */
  public String silverExceptions(String domain) {
    return table(Layer.SILVER, domain + "_exceptions");
  }

  public String quarantine(String domain) {
    return table(Layer.QUARANTINE, domain);
  }

  /** The partials of a live metric set. */
  public String live(String metrics) {
    return table(Layer.LIVE, metrics);
  }

  /** What the live path set aside: late, duplicate and quarantined rows. */
  public String liveExceptions(String domain) {
    return table(Layer.LIVE, domain + "_exceptions");
  }

  /** What each micro-batch of the live query read from bronze, and its event times. */
  public String liveReads(String domain) {
    return table(Layer.LIVE, domain + "_reads");
  }

  /** Fingerprints of counted rows, for the look-back of {@code duplicate}. */
  public String liveSeen(String domain) {
    return table(Layer.LIVE, domain + "_seen");
  }

  public String gold(String metrics) {
    return table(Layer.GOLD, metrics);
  }

  public String materializedView(String view) {
    return table(Layer.MATERIALIZED_VIEWS, view);
  }

  /** Partial aggregates that a materialized view is answered from; no layer, so no table of SQL. */
  public String viewState(String view) {
    return new Path(viewStates(), view).toString();
  }

  /** The folder of all {@link #viewState}. */
  public String viewStates() {
    return new Path(new Path(root, "_state"), "materialized_views").toString();
  }

  public String reconciliation(String table) {
    return table(Layer.RECONCILIATION, table);
  }

  /** What BI reads of a metric set. */
  public String serving(String metrics) {
    return table(Layer.SERVING, metrics);
  }

  /** The same for those consumers that read the stream before all do. */
  public String servingCanary(String metrics) {
    return table(Layer.SERVING, metrics + "_canary");
  }

  /** Where each metric set stood, and what put it there. */
  public String stages() {
    return table(Layer.OPS, "stages");
  }

  /** What was told to people, and whether it still holds. */
  public String alerts() {
    return table(Layer.OPS, "alerts");
  }

  /** What ran, when, and what came of it. */
  public String runs() {
    return table(Layer.OPS, "runs");
  }

  /** How long rows took to be visible in the live views, minute by minute. */
  public String freshness() {
    return table(Layer.OPS, "freshness");
  }

  /** How far each sink of a live path has sent. */
  public String sinks() {
    return table(Layer.OPS, "sinks");
  }

  /** A lake within this one for tables that are being built and not yet in their place. */
  public Lake beside(String name) {
    return new Lake(new Path(new Path(root, "_building"), name).toString());
  }

  /** The checkpoint folder of a stage's query over a domain. */
  public String checkpoint(String stage, String domain) {
    return new Path(new Path(new Path(root, "_checkpoints"), stage), domain).toString();
  }
}
