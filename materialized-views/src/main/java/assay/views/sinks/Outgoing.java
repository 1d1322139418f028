package assay.views.sinks;

import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/**
 * What a sink is to send next. No two of its messages are about the same.
 *
 * @param position up to which all is sent with it
 * @param asOf when what it tells of had been committed
 * @param count of the messages
 * @param messages read once
 * @param release what the messages are kept in
 */
record Outgoing(
    long position, Instant asOf, long count, Iterator<Message> messages, Runnable release)
    implements AutoCloseable {

  /** All is sent up to a position. */
  static Outgoing nothing(long position, Instant asOf) {
    return new Outgoing(position, asOf, 0, List.<Message>of().iterator(), () -> {});
  }

  @Override
  public void close() {
    release.run();
  }
}
