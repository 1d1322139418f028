package assay.reconciliation.report;

import assay.core.DayRange;
import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.DrillDown.Part;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers and sentences of a report, the same in every format for people. */
final class Words {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int DECIMALS = 2;
  private static final MathContext SMALL = new MathContext(2, RoundingMode.HALF_EVEN);

  private Words() {}

  /** One metric set in one sentence: how its days came out, and where all differences come from. */
  static String summary(MetricsReport metrics, DayRange range) {
    long agree = metrics.daysWith("MATCH", "TOLERATED");
    long tolerated = metrics.daysWith("TOLERATED");
    StringBuilder text = new StringBuilder(days(metrics.days().size())).append(": ");
    text.append(count(agree)).append(agree == 1 ? " agrees" : " agree");
    if (tolerated > 0 && tolerated == agree) {
      text.append(" within tolerance");
    } else if (tolerated > 0) {
      text.append(" (").append(count(tolerated)).append(" within tolerance)");
    }
    text.append(", ").append(count(metrics.daysWith("EXPLAINED"))).append(" explained");
    text.append(", ").append(count(metrics.daysWith("DIVERGED"))).append(" unexplained");
    long open = metrics.daysWith("INCONCLUSIVE");
    if (open > 0) {
      text.append(", ").append(count(open)).append(" cannot be said yet");
    }
    int missing = range.days().size() - metrics.days().size();
    if (missing > 0) {
      text.append(", ").append(count(missing)).append(" not compared");
    }
    return text.append("; ").append(origin(metrics)).append('.').toString();
  }

  private static String origin(MetricsReport metrics) {
    Map<String, BigDecimal> unexplained = new LinkedHashMap<>();
    for (MeasureDifference d : metrics.differences()) {
      BigDecimal amount = d.terms().get(ReportModel.UNEXPLAINED);
      if (amount != null) {
        unexplained.merge(d.measure(), amount, BigDecimal::add);
      }
    }
    if (!unexplained.isEmpty()) {
      List<String> amounts = new ArrayList<>();
      unexplained.forEach((measure, amount) -> amounts.add(signed(amount) + " " + measure));
      return "no row explains " + and(amounts);
    }
    if (metrics.differences().isEmpty()) {
      return "no number differs";
    }
    return "all of the difference comes from " + rows(metrics);
  }

  private static String rows(MetricsReport metrics) {
    List<String> parts = new ArrayList<>();
    List<String> causes =
        metrics.causes().stream().filter(cause -> !cause.equals("sketch")).toList();
    if (!metrics.rowsByCause().isEmpty()) {
      List<String> counted = new ArrayList<>();
      long all = 0;
      for (Map.Entry<String, Long> cause : metrics.rowsByCause().entrySet()) {
        counted.add(count(cause.getValue()) + " " + cause.getKey());
        all += cause.getValue();
      }
      parts.add(and(counted) + (all == 1 ? " row" : " rows"));
    } else if (causes.size() == 1) {
      parts.add(
          count(metrics.rows()) + " " + causes.get(0) + (metrics.rows() == 1 ? " row" : " rows"));
    } else if (!causes.isEmpty()) {
      parts.add(count(metrics.rows()) + " rows (" + and(causes) + ")");
    }
    if (metrics.causes().contains("sketch")) {
      parts.add("the error of estimates");
    }
    return and(parts);
  }

  /** How much of the difference a dimension's values carry. */
  static String explanation(Explanation found) {
    String of =
        found.ofValues() <= found.carriers()
            ? "all " + count(found.ofValues())
            : count(found.carriers()) + " of about " + count(found.ofValues());
    String carry = found.carriers() == 1 ? " value of %s carries " : " values of %s carry ";
    String share =
        found.carriers() <= found.values().size()
            ? share(found.values().stream().limit(found.carriers()).mapToDouble(Part::share).sum())
            : "four fifths";
    return of
        + carry.formatted(found.dimension())
        + share
        + " of the difference in "
        + found.measure();
  }

  /** {@code 1 day}, {@code 31 days}. */
  static String days(long n) {
    return count(n) + (n == 1 ? " day" : " days");
  }

  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** With two decimals at most, and as many more as a small number needs. */
  static String number(BigDecimal number) {
    BigDecimal rounded =
        number.abs().compareTo(new BigDecimal("0.1")) < 0
            ? number.round(SMALL)
            : number.setScale(DECIMALS, RoundingMode.HALF_EVEN);
    if (rounded.signum() == 0) {
      return "0";
    }
    BigDecimal shown = rounded.stripTrailingZeros();
    return String.format(Locale.ROOT, "%,." + Math.max(0, shown.scale()) + "f", shown);
  }

  static String signed(BigDecimal number) {
    return number.signum() > 0 ? "+" + number(number) : number(number);
  }

  /** A value of a cell, which may be a text. */
  static String value(String text) {
    try {
      return number(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return text;
    }
  }

  /** {@code 84 %}; what is there is never shown as nothing, what is missing never as all. */
  static String share(double share) {
    double percent = share * 100;
    if (percent <= 0 || percent >= 100 || Math.rint(percent) == percent) {
      return Math.round(percent) + " %";
    }
    if (percent < 1 || percent > 99) {
      BigDecimal near = BigDecimal.valueOf(percent > 99 ? 100 - percent : percent).round(SMALL);
      BigDecimal shown = percent > 99 ? BigDecimal.valueOf(100).subtract(near) : near;
      return shown.stripTrailingZeros().toPlainString() + " %";
    }
    return Math.round(percent) + " %";
  }

  static String minutes(int minutes) {
    return minutes < 60 ? minutes + " min" : minutes / 60 + " h";
  }

  static String minute(Instant at) {
    return MINUTE.format(at);
  }

  /** {@code a}, {@code a and b}, {@code a, b and c}. */
  static String and(List<String> words) {
    int last = words.size() - 1;
    return last < 1
        ? String.join("", words)
        : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  /** {@code late -3, superseded +1}: in the order of causes. */
  static String terms(Map<String, BigDecimal> terms) {
    return Causes.inOrder(List.copyOf(terms.keySet())).stream()
        .map(cause -> cause + " " + signed(terms.get(cause)))
        .collect(Collectors.joining(", "));
  }
}
