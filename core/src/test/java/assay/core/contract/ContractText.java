package assay.core.contract;

import assay.core.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small good contract, of which a test changes a line or two. */
final class ContractText {
  static final String GOOD =
      """
      domain: orders
      source: {topic: orders}
      columns:
        id: string required
        at: timestamp required
        amount: decimal(10,2)
        items: int
        weight: double
        country: string
      key: [id]
      event_time: at
      rules:
        positive: {check: "amount >= 0"}
      metrics:
        per_day:
          by: [country]
          measures:
            orders: count(*)
            revenue: sum(amount)
          live: {window: 1 hour}
          tolerance: {revenue: 0.1%}
      """;

  private final Path folder;

  ContractText(Path folder) {
    this.folder = folder;
  }

  Path write(String text) {
    return write("contract.yaml", text);
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Contract read(String text) {
    return ContractReader.read(write(text));
  }

  /** The good contract with one part replaced, which must be there. */
  static String with(String part, String other) {
    if (!GOOD.contains(part)) {
      throw new IllegalArgumentException("not in the good contract: " + part);
    }
    return GOOD.replace(part, other);
  }

  /** {@code line:column: message. mend} of every mistake. */
  List<String> mistakes(String text) {
    return ContractReader.check(write(text)).problems().stream()
        .map(Problem::toString)
        .map(line -> line.substring(line.indexOf(".yaml:") + ".yaml:".length()))
        .toList();
  }

  List<String> mistakesWith(String part, String other) {
    return mistakes(with(part, other));
  }

  /** The mistakes of one rule's check, whose value starts at 13:21. */
  List<String> mistakesOfCheck(String check) {
    return mistakesWith("amount >= 0", check);
  }

  /** The mistakes of one measure, whose value starts at 19:16. */
  List<String> mistakesOfMeasure(String measure) {
    return mistakesWith("sum(amount)", measure);
  }
}
