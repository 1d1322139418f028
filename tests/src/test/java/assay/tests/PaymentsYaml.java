package assay.tests;

import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.tests.oracle.PaymentsContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The contracts of payments as their users write them. */
final class PaymentsYaml {
  private static final Map<PaymentsContract, Contract> READ = new HashMap<>();

  private PaymentsYaml() {}

  static synchronized Contract contract(PaymentsContract payments) {
    return READ.computeIfAbsent(payments, PaymentsYaml::read);
  }

  private static Contract read(PaymentsContract payments) {
    try {
      Path file = Files.createTempFile("payments", ".yaml");
      try {
        return ContractReader.read(Files.writeString(file, text(payments)));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(PaymentsContract payments) {
    return """
        domain: payments
        source: {topic: payments, format: %s}
        columns:
          payment_id: string required
          paid_at:    timestamp required
          revision:   int
          amount:     %s
          kind:       string required
        %s
        key: [payment_id]
        event_time: paid_at
        order_by: [%s]
        rules:
          known_kind: {check: "kind IN (%s)", otherwise: quarantine}
          positive:   {check: "amount >= 0", otherwise: warn}
        metrics:
          kind_day:
            by: [kind]
            %s
            measures:
              payments: count(*)
              amount:   sum(amount)
              most:     max(amount)
              mean:     avg(amount)
        """
        .formatted(
            payments.debezium() ? "debezium" : "json",
            payments.wide() ? "long" : "int",
            payments.noted() ? "  note:       string" : "",
            payments.ordered() ? "revision" : "",
            payments.strict() ? "'card'" : "'card', 'cash'",
            payments.strict() ? "filter: {later: revision > 1, other: amount <> 5}" : "");
  }
}
