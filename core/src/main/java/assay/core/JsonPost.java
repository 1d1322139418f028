package assay.core;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Posts JSON documents. An address may be a secret, so that nothing which is said of a failure
 * shows it.
 */
public final class JsonPost {
  private final HttpClient client;
  private final Duration answer;
  private final RetryPolicy<HttpResponse<Void>> retries;

  /**
   * @param answer how long a server may take to be reached, and to answer
   * @param retries how often and when it is tried again; where, is decided here: no answer, or a
   *     refusal that {@link #passes}
   */
  public JsonPost(Duration answer, RetryPolicyBuilder<HttpResponse<Void>> retries) {
    this.client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(answer).build();
    this.answer = answer;
    this.retries =
        retries
            .handle(IOException.class)
            .handleResultIf(response -> passes(response.statusCode()))
            .build();
  }

  /** Nobody answered; the message says by one word why. */
  public static final class Unreachable extends RuntimeException {
    // Without the cause, whose message may show the address.
    private Unreachable(Throwable cause) {
      super(cause.getClass().getSimpleName());
    }
  }

  /**
   * Posts a document.
   *
   * @return the status of the last answer
   * @throws Unreachable where no attempt was answered
   */
  public int send(URI address, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(answer)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      return Failsafe.with(retries)
          .get(() -> client.send(request, BodyHandlers.discarding()))
          .statusCode();
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new Unreachable(e.getCause());
    }
  }

  /** Whether a refusal may be gone a little later. */
  public static boolean passes(int status) {
    return status / 100 == 5 || status == 429 || status == 408;
  }
}
