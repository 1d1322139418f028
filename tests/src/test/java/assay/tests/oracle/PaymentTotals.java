package assay.tests.oracle;

import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The measures of a cell of payments, those over no value null. */
public record PaymentTotals(long payments, Long amount, Long most, Double mean) {

  /** One row of the metric set. */
  public record Cell(LocalDate eventDate, String kind) {}

  public static Map<Cell, PaymentTotals> ofCells(Collection<Payment> payments) {
    return payments.stream()
        .collect(
            Collectors.groupingBy(
                p -> new Cell(p.eventDate(), p.kind()),
                Collectors.collectingAndThen(Collectors.toList(), PaymentTotals::of)));
  }

  private static PaymentTotals of(List<Payment> payments) {
    List<Long> amounts = payments.stream().map(Payment::amount).filter(Objects::nonNull).toList();
    if (amounts.isEmpty()) {
      return new PaymentTotals(payments.size(), null, null, null);
    }
    long sum = amounts.stream().mapToLong(Long::longValue).sum();
    long most = amounts.stream().mapToLong(Long::longValue).max().orElseThrow();
    return new PaymentTotals(payments.size(), sum, most, (double) sum / amounts.size());
  }
}
