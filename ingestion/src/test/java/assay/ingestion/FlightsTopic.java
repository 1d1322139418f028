package assay.ingestion;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One broker for the tests of a class, with a topic of two partitions made anew for each. */
final class FlightsTopic
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final String NAME = "flights";

  private Path folder;
  private KafkaBroker broker;

  KafkaBroker broker() {
    return broker;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    folder = Files.createTempDirectory("broker");
    broker = KafkaBroker.start(folder);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    broker.createTopic(NAME, 2);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    broker.deleteTopic(NAME);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    broker.close();
    FileUtils.deleteQuietly(folder.toFile());
  }
}
