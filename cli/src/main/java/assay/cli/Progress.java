package assay.cli;

import assay.core.Steps;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells how far a command is: on a terminal as a bar that each task leaves one line of, elsewhere
 * as plain lines. One task at a time, from one thread; {@link #reached} may come from any.
 */
public final class Progress implements Steps, AutoCloseable {
  private static final int WIDTH = 100;
  private static final long QUIET_NANOS = Duration.ofSeconds(5).toNanos();

  private final PrintStream err;
  private final boolean terminal;

  private Optional<ProgressBar> bar = Optional.empty();
  private String task = "";
  private long begun;
  private long lastLine;

  Progress(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** The launcher knows whether standard error is a terminal; Java 17 cannot tell. */
  public static Progress toStandardError() {
    return new Progress(System.err, Boolean.getBoolean("assay.terminal"));
  }

  /**
   * Begins a task; an open one is done.
   *
   * @param total how many steps it takes, zero or less where nobody knows
   */
  public synchronized void begin(String name, long total) {
    close();
    task = name;
    begun = System.nanoTime();
    lastLine = begun;
    if (terminal) {
      bar =
          Optional.of(
              new ProgressBarBuilder()
                  .setTaskName(name)
                  .setInitialMax(total <= 0 ? -1 : total)
                  .setStyle(ProgressBarStyle.ASCII)
                  .setUpdateIntervalMillis(200)
                  .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
                  .setMaxRenderedLength(WIDTH)
                  .clearDisplayOnFinish()
                  .hideEta()
                  .build());
    } else {
      err.println(name + " …");
    }
  }

  /** How many steps of the task are behind. */
  public synchronized void at(long steps) {
    bar.ifPresent(b -> b.stepTo(steps));
  }

  /** Shows a step beside the bar; elsewhere as a line, one every five seconds at most. */
  @Override
  public synchronized void reached(String stage, String step) {
    bar.ifPresent(b -> b.setExtraMessage(" " + step));
    if (!terminal && System.nanoTime() - lastLine > QUIET_NANOS) {
      lastLine = System.nanoTime();
      err.println("  " + stage + ": " + step);
    }
  }

  /** Ends the task with a line that says what came of it. */
  public synchronized void end(String outcome) {
    stopBar();
    double seconds = (System.nanoTime() - begun) / 1e9;
    err.printf(Locale.ROOT, "%s: %s (%.1f s)%n", task, outcome, seconds);
    task = "";
  }

  /** Prints a line between tasks. */
  public synchronized void say(String line) {
    err.println(line);
  }

  /** Takes an unfinished task's bar off the terminal. */
  @Override
  public synchronized void close() {
    stopBar();
    task = "";
  }

  private void stopBar() {
    bar.ifPresent(ProgressBar::close);
    bar = Optional.empty();
  }
}
