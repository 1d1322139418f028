package assay.views.sinks;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Steps;
import assay.core.contract.Sink;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Sends what one sink has not sent yet, and keeps how far it came. */
final class SinkRun implements AutoCloseable {
  private static final String STAGE = "live";

  /** Ends the id of the position that is being sent. */
  private static final String BEGUN = " begun";

  private final String domain;
  private final Sink sink;
  private final Backlog backlog;
  private final Receiver receiver;
  private final SinkProgress progress;
  private final SinkLog log;
  private final Steps steps;

  SinkRun(
      String domain,
      Sink sink,
      Backlog backlog,
      Receiver receiver,
      SinkProgress progress,
      SinkLog log,
      Steps steps) {
    this.domain = domain;
    this.sink = sink;
    this.backlog = backlog;
    this.receiver = receiver;
    this.progress = progress;
    this.log = log;
    this.steps = steps;
  }

  /** For people. */
  String name() {
    return "the sink " + sink.name() + " of " + domain;
  }

  SinkLog log() {
    return log;
  }

  /**
   * Brings the receiver up to what the live path holds now.
   *
   * @throws AssayException where it did not take all of it
   */
  void send() {
    Optional<String> identity = backlog.identity();
    if (identity.isEmpty()) {
      return;
    }
    // Another name, or another target, is another sink, which sends from the beginning.
    String id =
        "assay.sink.%s.%s of %s to %s"
            .formatted(domain, sink.name(), identity.get(), sink.target());
    boolean more = true;
    while (more) {
      more = sendNext(id);
    }
  }

  /**
   * Sends up to one position, and once that was begun, to no other before it has come to its end:
   * of what may have been sent it must be known what is gone since.
   *
   * @return whether there may be more
   */
  private boolean sendNext(String id) {
    OptionalLong begun = backlog.takesBack() ? progress.position(id + BEGUN) : OptionalLong.empty();
    Optional<Outgoing> next = backlog.after(progress.position(id), begun);
    if (next.isEmpty()) {
      return false;
    }
    try (Outgoing outgoing = next.get()) {
      if (outgoing.count() > 0 && backlog.takesBack()) {
        progress.keep(Map.of(id + BEGUN, outgoing.position()));
      }
      receiver.send(outgoing);
      steps.reached(STAGE, "sink %s: %d messages taken".formatted(sink.name(), outgoing.count()));
      progress.keep(Map.of(id, outgoing.position(), id + BEGUN, outgoing.position()));
      log.sent(outgoing);
      return begun.isPresent() && outgoing.position() == begun.getAsLong();
    }
  }

  /** What a person is told where a sink is behind. */
  AssayException failed(Throwable cause) {
    AssayException known = cause instanceof AssayException assay ? assay : null;
    return new AssayException(
        known == null ? ErrorCode.FAILED : known.code(),
        name() + " is behind: " + (known == null ? cause.toString() : known.getMessage()),
        (known == null ? "mend what it names" : known.mend())
            + "; the live views are up to date without it, and it sends what is missing when 'assay"
            + " live' runs",
        cause);
  }

  @Override
  public void close() {
    receiver.close();
  }
}
