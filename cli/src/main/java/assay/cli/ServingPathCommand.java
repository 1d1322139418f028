package assay.cli;

import assay.core.AssayException;
import assay.reconciliation.serving.Consumers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells which table a consumer reads. */
@Command(
    name = "path",
    description = "Print the path of the table that a consumer reads, or list the tables of many.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay serving path route_day --consumer finance",
      "  assay serving path route_day --list finance planning ops",
      "  assay serving path route_day --list --from consumers.txt"
    })
final class ServingPathCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(index = "0", paramLabel = "METRICS", description = "The metric set.")
  private String metrics;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "NAME",
      description = "With --list: names of consumers.")
  private List<String> names = List.of();

  @Option(names = "--consumer", paramLabel = "NAME", description = "The consumer.")
  private String consumer;

  @Option(names = "--list", description = "List consumers with their tables, and the share.")
  private boolean list;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "With --list: a file with a name a line.")
  private Path from;

  @Override
  public Integer call() {
    if (list == (consumer != null)) {
      throw AssayException.usage(
          "one of --consumer and --list says what to print",
          "give --consumer NAME, or --list with names");
    }
    List<String> asked = consumers();
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      Consumers consumers = ServedMetrics.of(workspace, metrics, progress).consumers();
      if (list) {
        print(consumers, asked);
      } else if (common.json()) {
        common.output().json(document(consumers, consumer));
      } else {
        common.output().line(consumers.path(consumer));
      }
      return 0;
    }
  }

  private List<String> consumers() {
    List<String> asked = new ArrayList<>(names);
    if (from != null) {
      try {
        Files.readAllLines(from).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .forEach(asked::add);
      } catch (IOException e) {
        throw AssayException.usage(
            "the names in " + from + " cannot be read", "check that it is a text file in UTF-8");
      }
    }
    if (list && asked.isEmpty()) {
      throw AssayException.usage("--list has no names", "give them, or --from FILE");
    }
    return asked;
  }

  private void print(Consumers consumers, List<String> asked) {
    long canary = asked.stream().filter(consumers::isCanary).count();
    if (common.json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("share", consumers.share() / 100.0);
      document.put("canary", canary);
      document.put("consumers", asked.stream().map(name -> document(consumers, name)).toList());
      common.output().json(document);
      return;
    }
    common
        .output()
        .table(
            Table.of(
                List.of("consumer", "table"),
                asked.stream().map(name -> List.of(name, consumers.path(name))).toList()));
    common
        .output()
        .line(
            String.format(
                Locale.ROOT,
                "%d of %d consumers (%.1f %%) read the canary's table; its share is %d %%",
                canary,
                asked.size(),
                100.0 * canary / asked.size(),
                consumers.share()));
  }

  private static Map<String, Object> document(Consumers consumers, String name) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("consumer", name);
    document.put("canary", consumers.isCanary(name));
    document.put("path", consumers.path(name));
    return document;
  }
}
