package assay.views.sinks;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.LiveTables;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows of one disposition that no live view counts, as they came from Kafka: the same key,
 * value and headers, and where they came from. Positions are numbers of the live query's
 * micro-batches.
 */
final class SetAsideRows implements Backlog {
  static final String DISPOSITION = "assay-disposition";
  static final String TOPIC = "assay-source-topic";
  static final String PARTITION = "assay-source-partition";
  static final String OFFSET = "assay-source-offset";
  static final String TIMESTAMP = "assay-source-timestamp";
  static final String EVENT_TIME = "assay-event-time";

  private static final String TIME = "_time";

  private final Lake lake;
  private final SparkSession spark;
  private final Contract contract;
  private final LiveTables tables;
  private final String disposition;

  SetAsideRows(SparkSession spark, Lake lake, Contract contract, String disposition) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.tables = new LiveTables(spark, lake, contract);
    this.disposition = disposition;
  }

  @Override
  public Optional<String> identity() {
    LakeTable exceptions = tables.exceptions();
    return exceptions.exists()
        ? Optional.of(disposition + " " + exceptions.id())
        : Optional.empty();
  }

  @Override
  public boolean takesBack() {
    return false;
  }

  /** Where the tables were put back from a copy, a position may lie ahead: then all is sent. */
  @Override
  public Optional<Outgoing> after(OptionalLong position, OptionalLong begun) {
    OptionalLong last = tables.lastBatch();
    if (last.isEmpty() || last.equals(position)) {
      return Optional.empty();
    }
    Instant asOf = tables.exceptions().committedAt(tables.exceptions().version());
    Dataset<Row> rows = tables.exceptions(last).where(col(Disposition.COLUMN).equalTo(disposition));
    if (position.isPresent() && position.getAsLong() < last.getAsLong()) {
      rows = rows.where(col(Silver.BATCH_ID).gt(position.getAsLong()));
    }
    List<Row> spans =
        rows.groupBy(col(EventParser.PARTITION))
            .agg(
                min(col(EventParser.OFFSET)),
                max(col(EventParser.OFFSET)),
                min(col(EventParser.INGESTED_AT)),
                max(col(EventParser.INGESTED_AT)),
                count(lit(1)))
            .collectAsList();
    if (spans.isEmpty()) {
      return Optional.of(Outgoing.nothing(last.getAsLong(), asOf));
    }
    long count = spans.stream().mapToLong(span -> span.getLong(5)).sum();
    Iterator<Message> messages =
        Pieces.ordered(
            withBytes(rows, within(spans)),
            count,
            this::message,
            EventParser.PARTITION,
            EventParser.OFFSET);
    return Optional.of(new Outgoing(last.getAsLong(), asOf, count, messages, () -> {}));
  }

  private Dataset<Row> withBytes(Dataset<Row> rows, Column within) {
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain()))
            .required("put it back: it holds the bytes of the rows that are to be sent")
            .read()
            .where(within)
            .select(
                Bronze.TOPIC,
                Bronze.PARTITION,
                Bronze.OFFSET,
                Bronze.KAFKA_TIMESTAMP,
                Bronze.KEY,
                Bronze.VALUE,
                Bronze.HEADERS);
    Dataset<Row> wanted =
        rows.select(
            col(EventParser.PARTITION),
            col(EventParser.OFFSET),
            col(contract.eventTime()).as(TIME));
    return wanted.join(
        bronze,
        wanted
            .col(EventParser.PARTITION)
            .equalTo(bronze.col(Bronze.PARTITION))
            .and(wanted.col(EventParser.OFFSET).equalTo(bronze.col(Bronze.OFFSET))),
        "left");
  }

  /** The part of bronze that the rows lie in, which its partitions and statistics tell. */
  private static Column within(List<Row> spans) {
    Column offsets = lit(false);
    LocalDate first = LocalDate.MAX;
    LocalDate last = LocalDate.MIN;
    for (Row span : spans) {
      offsets =
          offsets.or(
              col(Bronze.PARTITION)
                  .equalTo(span.getInt(0))
                  .and(col(Bronze.OFFSET).between(span.getLong(1), span.getLong(2))));
      LocalDate from = LocalDate.ofInstant(span.getInstant(3), ZoneOffset.UTC);
      LocalDate to = LocalDate.ofInstant(span.getInstant(4), ZoneOffset.UTC);
      first = from.isBefore(first) ? from : first;
      last = to.isAfter(last) ? to : last;
    }
    return col(Bronze.INGEST_DATE).between(first, last).and(offsets);
  }

  private Message message(Row row) {
    if (row.isNullAt(row.fieldIndex(Bronze.TOPIC))) {
      throw AssayException.failed(
          "bronze of %s lacks the row of partition %d and offset %d, which is to be sent"
              .formatted(
                  contract.domain(),
                  row.<Integer>getAs(EventParser.PARTITION),
                  row.<Long>getAs(EventParser.OFFSET)),
          "put bronze back: it holds the bytes of the rows that are to be sent");
    }
    List<Header> headers = new ArrayList<>();
    for (Row header : row.<Row>getList(row.fieldIndex(Bronze.HEADERS))) {
      headers.add(new RecordHeader(header.getString(0), header.<byte[]>getAs(1)));
    }
    headers.add(Message.header(DISPOSITION, disposition));
    headers.add(Message.header(TOPIC, row.getAs(Bronze.TOPIC)));
    headers.add(Message.header(PARTITION, row.<Integer>getAs(Bronze.PARTITION).toString()));
    headers.add(Message.header(OFFSET, row.<Long>getAs(Bronze.OFFSET).toString()));
    headers.add(Message.header(TIMESTAMP, row.<Instant>getAs(Bronze.KAFKA_TIMESTAMP).toString()));
    Instant time = row.getAs(TIME);
    if (time != null) {
      headers.add(Message.header(EVENT_TIME, time.toString()));
    }
    return new Message(row.getAs(Bronze.KEY), row.getAs(Bronze.VALUE), headers);
  }
}
