package assay.cli.demo;

import assay.cli.Workspace;
import assay.core.SettingsReader;
import assay.ingestion.KafkaBroker;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** What a demo runs on: a broker of its own, and a lake that stays behind. */
final class DemoEngines {
  private DemoEngines() {}

  /**
   * Does the work of a demo between the start of its engines and their end.
   *
   * @param contract that the lake has
   * @param start of the broker
   */
  static <T> T run(
      DemoFolder folder,
      Path contract,
      Supplier<KafkaBroker> start,
      BiFunction<KafkaBroker, Workspace, T> work) {
    try (KafkaBroker broker = start.get()) {
      folder.write(contract, broker.bootstrapServers());
      try (Workspace workspace =
          new Workspace(SettingsReader.read(folder.settings(), System.getenv()))) {
        return work.apply(broker, workspace);
      }
    } finally {
      folder.finish();
    }
  }
}
