package assay.views.sinks;

import assay.core.AssayException;

/** Who is sent to. */
sealed interface Receiver extends AutoCloseable permits KafkaReceiver, WebhookReceiver {
  /**
   * Sends all, and returns once everything has been taken.
   *
   * @throws AssayException where something was not; what was taken by then stays so
   */
  void send(Outgoing outgoing);

  @Override
  void close();
}
