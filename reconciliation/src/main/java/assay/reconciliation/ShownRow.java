package assay.reconciliation;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A row behind a term, as Kafka had it.
 *
 * @param cell the dimensions, as text, of the cell that it makes differ
 * @param live its disposition on the live path
 * @param batch its disposition on the batch path
 * @param sign +1 where it adds to the live number, -1 where it adds to the batch number
 * @param key and {@code event}: the bytes as text, whatever is no UTF-8 in them replaced; empty
 *     where Kafka had none
 */
public record ShownRow(
    String metrics,
    LocalDate day,
    String cell,
    String topic,
    int partition,
    long offset,
    Instant kafkaTimestamp,
    String live,
    String batch,
    int sign,
    Optional<String> key,
    Optional<String> event) {}
