package assay.reconciliation.alerts;

import assay.core.AlertSettings.Channel;
import assay.core.AlertSettings.Command;
import assay.core.AlertSettings.Log;
import assay.core.AlertSettings.PagerDuty;
import assay.core.AlertSettings.Shape;
import assay.core.AlertSettings.Webhook;
import assay.core.AssayException;
import assay.core.ErrorCode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an event to one channel after the other. What it says of a failure names the channel, and
 * never an address or a key.
 */
final class ChannelSender {
  private static final Logger LOG = LoggerFactory.getLogger("assay.alerts");
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 3;
  private static final Duration ANSWER = Duration.ofSeconds(15);

  private final HttpClient client;
  private final RetryPolicy<HttpResponse<Void>> retries;

  ChannelSender() {
    this(Duration.ofSeconds(1));
  }

  /**
   * @param rest after the first failure, below {@link #LONGEST_REST}; each that follows is twice as
   *     long
   */
  ChannelSender(Duration rest) {
    this.client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();
    this.retries =
        RetryPolicy.<HttpResponse<Void>>builder()
            .handle(IOException.class)
            .handleResultIf(response -> passes(response.statusCode()))
            .withBackoff(rest, LONGEST_REST)
            .withJitter(0.1)
            .withMaxAttempts(ATTEMPTS)
            .build();
  }

  /**
   * Sends an event.
   *
   * @throws AssayException where the channel did not take it
   */
  void send(Channel channel, AlertEvent event) {
    if (channel instanceof Webhook webhook) {
      boolean slack = webhook.shape() == Shape.SLACK;
      post(channel, webhook.address(), slack ? event.slack() : event.generic());
    } else if (channel instanceof PagerDuty pager) {
      post(channel, pager.address(), event.pagerDuty(pager.key()));
    } else if (channel instanceof Command command) {
      run(command, event.generic());
    } else if (channel instanceof Log) {
      if (event.isOpen()) {
        LOG.warn("{}", event.generic());
      } else {
        LOG.info("{}", event.generic());
      }
    }
  }

  private void post(Channel channel, String address, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address))
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    int status;
    try {
      status =
          Failsafe.with(retries)
              .get(() -> client.send(request, BodyHandlers.discarding()))
              .statusCode();
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      // Without the cause, whose message may show the address.
      throw failed(
          ErrorCode.TRY_AGAIN,
          channel,
          "cannot be reached: " + e.getCause().getClass().getSimpleName());
    }
    if (status / 100 != 2) {
      throw failed(
          passes(status) ? ErrorCode.TRY_AGAIN : ErrorCode.FAILED,
          channel,
          "answered with status " + status);
    }
  }

  /** Whether a refusal may be gone a little later. */
  private static boolean passes(int status) {
    return status / 100 == 5 || status == 429 || status == 408;
  }

  private static void run(Command command, String document) {
    Process process = null;
    try {
      process =
          new ProcessBuilder(command.words())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(document.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // A program may end well without reading; its exit code tells.
        LOG.debug("{} did not read what it was told", command.name());
      }
      if (!process.waitFor(ANSWER.toSeconds(), TimeUnit.SECONDS)) {
        throw failed(
            ErrorCode.TRY_AGAIN, command, "did not end within " + ANSWER.toSeconds() + " seconds");
      }
      if (process.exitValue() != 0) {
        throw failed(ErrorCode.FAILED, command, "ended with " + process.exitValue());
      }
    } catch (IOException e) {
      throw failed(ErrorCode.FAILED, command, "could not be started");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(ErrorCode.TRY_AGAIN, command, "was interrupted");
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private static AssayException failed(ErrorCode code, Channel channel, String why) {
    return new AssayException(
        code,
        "the alert channel %s %s".formatted(channel.name(), why),
        "check what 'alerts:' in assay.yaml says of it; it is told again with the next run");
  }
}
