package assay.reconciliation.alerts;

import assay.core.AlertSettings.Channel;
import assay.core.AlertSettings.Command;
import assay.core.AlertSettings.Log;
import assay.core.AlertSettings.PagerDuty;
import assay.core.AlertSettings.Shape;
import assay.core.AlertSettings.Webhook;
import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.JsonPost;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
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

  private final JsonPost post;

  ChannelSender() {
    this(Duration.ofSeconds(1));
  }

  /**
   * @param rest after the first failure, below {@link #LONGEST_REST}; each that follows is twice as
   *     long
   */
  ChannelSender(Duration rest) {
    this.post =
        new JsonPost(
            ANSWER,
            RetryPolicy.<HttpResponse<Void>>builder()
                .withBackoff(rest, LONGEST_REST)
                .withJitter(0.1)
                .withMaxAttempts(ATTEMPTS));
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
    int status;
    try {
      status = post.send(URI.create(address), body);
    } catch (JsonPost.Unreachable e) {
      throw failed(ErrorCode.TRY_AGAIN, channel, "cannot be reached: " + e.getMessage());
    }
    if (status / 100 != 2) {
      throw failed(
          JsonPost.passes(status) ? ErrorCode.TRY_AGAIN : ErrorCode.FAILED,
          channel,
          "answered with status " + status);
    }
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
