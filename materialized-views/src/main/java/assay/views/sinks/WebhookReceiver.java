package assay.views.sinks;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.JsonPost;
import dev.failsafe.ExecutionContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;

/**
 * An HTTP address that changes of a view are posted to: JSON arrays, one after the other, the next
 * one once the one before was answered with 2xx.
 */
final class WebhookReceiver implements Receiver {
  private static final int MOST_CHANGES = 500;
  private static final int MOST_CHARACTERS = 256 * 1024;

  private final String variable;
  private final URI address;
  private final Patience patience;
  private final JsonPost post;

  /**
   * @param variable of the environment that the address is from; what is said names it alone
   * @throws AssayException with {@code USAGE} where the text is no address
   */
  WebhookReceiver(String variable, String address, Patience patience) {
    this.variable = variable;
    this.address = parse(variable, address);
    this.patience = patience;
    this.post =
        new JsonPost(
            patience.answer(),
            patience.<HttpResponse<Void>>retries().withDelayFn(this::retryAfter));
  }

  private static URI parse(String variable, String address) {
    try {
      URI uri = new URI(address.strip());
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Its message shows the address.
      throw noAddress(variable);
    }
    throw noAddress(variable);
  }

  private static AssayException noAddress(String variable) {
    return AssayException.usage(
        "the environment variable " + variable + " holds no http or https address",
        "set it to the address of the webhook, such as https://host/path");
  }

  @Override
  public void send(Outgoing outgoing) {
    StringBuilder body = new StringBuilder();
    int changes = 0;
    while (outgoing.messages().hasNext()) {
      String change = json(outgoing.messages().next());
      if (changes == MOST_CHANGES
          || (changes > 0 && body.length() + change.length() > MOST_CHARACTERS)) {
        post("[" + body + "]");
        body.setLength(0);
        changes = 0;
      }
      body.append(changes == 0 ? "" : ",").append(change);
      changes++;
    }
    if (changes > 0) {
      post("[" + body + "]");
    }
  }

  private static String json(Message message) {
    return "{\"view\":\"%s\",\"table\":\"%s\",\"version\":%s,\"key\":%s,\"value\":%s}"
        .formatted(
            header(message, ViewChanges.VIEW),
            header(message, ViewChanges.TABLE),
            header(message, ViewChanges.VERSION),
            new String(message.key(), StandardCharsets.UTF_8),
            message.value() == null ? "null" : new String(message.value(), StandardCharsets.UTF_8));
  }

  private static String header(Message message, String name) {
    return message.headers().stream()
        .filter(header -> header.key().equals(name))
        .map(Header::value)
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .findFirst()
        .orElseThrow();
  }

  private void post(String body) {
    int status;
    try {
      status = post.send(address, body);
    } catch (JsonPost.Unreachable e) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "the webhook of %s cannot be reached: %s".formatted(variable, e.getMessage()),
          "check that the address in " + variable + " is right and that its server runs");
    }
    if (status / 100 != 2) {
      throw new AssayException(
          JsonPost.passes(status) ? ErrorCode.TRY_AGAIN : ErrorCode.FAILED,
          "the webhook of %s answered with status %d".formatted(variable, status),
          "look into what its server says, and check the address in " + variable);
    }
  }

  /** What the server asks for, up to the longest rest; the usual one where it says nothing. */
  private Duration retryAfter(ExecutionContext<HttpResponse<Void>> context) {
    return Stream.ofNullable(context.getLastResult())
        .flatMap(response -> response.headers().firstValue("Retry-After").stream())
        .filter(text -> text.matches("[0-9]{1,5}"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .map(asked -> asked.compareTo(patience.longest()) < 0 ? asked : patience.longest())
        .findFirst()
        .orElse(Duration.ofNanos(-1));
  }

  @Override
  public void close() {}
}
