package assay.core;

import assay.core.AlertSettings.Channel;
import assay.core.AlertSettings.Command;
import assay.core.AlertSettings.Log;
import assay.core.AlertSettings.PagerDuty;
import assay.core.AlertSettings.Shape;
import assay.core.AlertSettings.Webhook;
import assay.core.contract.Durations;
import assay.core.yaml.YamlNode;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code alerts} of {@code assay.yaml}. */
final class AlertSettingsReader {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,2}(?:[.][0-9]{1,4})?) ?%");
  private static final List<String> KINDS =
      List.of("webhook", "slack", "pagerduty", "command", "log");

  private final Substitution substitution;

  AlertSettingsReader(Substitution substitution) {
    this.substitution = substitution;
  }

  AlertSettings read(YamlNode node) {
    List<Channel> channels = new ArrayList<>();
    for (YamlNode channel : node.field("to").map(YamlNode::fields).orElse(List.of())) {
      if (channel.isHealthy()) {
        channel(channel).ifPresent(channels::add);
      }
    }
    return new AlertSettings(
        channels,
        share(node, "late_share", AlertSettings.NONE.lateShare()),
        share(node, "quarantine_share", AlertSettings.NONE.quarantineShare()),
        node.field("evidence_within")
            .flatMap(n -> Durations.read(n, Duration.ofMinutes(1)))
            .orElse(AlertSettings.NONE.evidenceWithin()));
  }

  private static BigDecimal share(YamlNode node, String key, BigDecimal otherwise) {
    Optional<YamlNode> written = node.field(key);
    if (written.isEmpty()) {
      return otherwise;
    }
    var percent = PERCENT.matcher(written.get().text().strip());
    if (!percent.matches()) {
      written
          .get()
          .mistake(
              "`%s` is no share below 100 %%: `%s`".formatted(key, written.get().text()),
              "Write for example `5%` or `0.5%`.");
      return otherwise;
    }
    return new BigDecimal(percent.group(1)).movePointLeft(2);
  }

  private Optional<Channel> channel(YamlNode node) {
    List<String> kinds = KINDS.stream().filter(node::has).toList();
    if (kinds.isEmpty() && !node.fields().stream().allMatch(YamlNode::isHealthy)) {
      // One that is misspelt was told of.
      return Optional.empty();
    }
    if (kinds.size() != 1) {
      node.mistakeInKey(
          "`"
              + node.name()
              + "` must have one of `webhook`, `slack`, `pagerduty`, `command`, `log`",
          "Write for example `" + node.name() + ": {slack: \"${SLACK_HOOK}\"}`.");
      return Optional.empty();
    }
    String name = node.name();
    Optional<YamlNode> value = node.field(kinds.get(0));
    if (node.has("address") && !kinds.get(0).equals("pagerduty")) {
      node.field("address")
          .ifPresent(a -> a.mistakeInKey("`address` is for `pagerduty` alone", "Remove it."));
      return Optional.empty();
    }
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return switch (kinds.get(0)) {
      case "webhook" -> address(value.get()).map(a -> new Webhook(name, Shape.GENERIC, a));
      case "slack" -> address(value.get()).map(a -> new Webhook(name, Shape.SLACK, a));
      case "pagerduty" -> pagerDuty(node, value.get());
      case "command" -> command(name, value.get());
      default -> Optional.of(new Log(name));
    };
  }

  private Optional<Channel> pagerDuty(YamlNode node, YamlNode key) {
    Optional<String> address =
        node.has("address")
            ? node.field("address")
                .flatMap(a -> substitution.fill(a).filter(filled -> isAddress(a, filled)))
            : Optional.of(PagerDuty.ADDRESS);
    Optional<String> filled = secret(key);
    return filled.isEmpty() || address.isEmpty()
        ? Optional.empty()
        : Optional.of(new PagerDuty(node.name(), filled.get().strip(), address.get().strip()));
  }

  private Optional<Channel> command(String name, YamlNode node) {
    List<String> words = new ArrayList<>();
    for (YamlNode item : node.items()) {
      substitution.fill(item).ifPresent(words::add);
    }
    return words.isEmpty() ? Optional.empty() : Optional.of(new Command(name, words));
  }

  private Optional<String> address(YamlNode node) {
    return secret(node).map(String::strip).filter(filled -> isAddress(node, filled));
  }

  /** Never shows what was filled in. */
  private static boolean isAddress(YamlNode node, String filled) {
    boolean http;
    try {
      URI uri = new URI(filled.strip());
      http =
          uri.getHost() != null
              && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (URISyntaxException e) {
      // Its message shows the address.
      http = false;
    }
    if (!http) {
      node.mistake(
          "`" + node.name() + "` holds no http or https address", "Check what it stands for.");
    }
    return http;
  }

  private Optional<String> secret(YamlNode node) {
    if (SecretNames.isWrittenOut(node.text())) {
      node.mistake(
          "`" + node.name() + "` is a secret and is written out",
          "Write ${NAME} and set the variable, or write ${file:/path}.");
      return Optional.empty();
    }
    return substitution.fill(node);
  }
}
