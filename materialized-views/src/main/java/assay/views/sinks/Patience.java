package assay.views.sinks;

import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import java.time.Duration;

/**
 * How long, and how often, a receiver is waited for.
 *
 * @param first rest after a failure; each one that follows is twice as long
 * @param longest rest
 * @param attempts for what is to come to an end, at least one
 * @param answer within which a receiver is to answer
 */
record Patience(Duration first, Duration longest, int attempts, Duration answer) {
  static final Patience USUAL =
      new Patience(Duration.ofSeconds(1), Duration.ofMinutes(1), 4, Duration.ofSeconds(15));

  /** The rest after so many failures in a row. */
  Duration rest(int failures) {
    Duration rest = first;
    for (int i = 1; i < failures && rest.compareTo(longest) < 0; i++) {
      rest = rest.multipliedBy(2);
    }
    return rest.compareTo(longest) < 0 ? rest : longest;
  }

  <T> RetryPolicyBuilder<T> retries() {
    return RetryPolicy.<T>builder()
        .withBackoff(first, longest)
        .withJitter(0.1)
        .withMaxAttempts(attempts);
  }
}
