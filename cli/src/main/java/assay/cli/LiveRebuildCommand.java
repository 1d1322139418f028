package assay.cli;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.views.live.ViewBuild;
import assay.views.live.ViewBuild.Built;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Builds one live view again from bronze. */
@Command(
    name = "rebuild",
    description =
        "Build one live view again from bronze, while its domain's query goes on. Its readers see"
            + " the old one until it is replaced in one commit.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay live rebuild route_day")
final class LiveRebuildCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "VIEW", description = "Its name, as in live.VIEW.")
  private String view;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      Contract contract = owner(workspace);
      DomainRuns runs = common.domainRuns(workspace, progress);
      List<Built> built =
          runs.run(
              "live rebuild",
              Optional.of(view),
              List.of(contract),
              of -> new ViewBuild(workspace.spark(), workspace.lake(), of).rebuild(view),
              LiveRebuildCommand::summary);
      if (common.json()) {
        common.output().json(Map.of("rebuilt", built));
      } else {
        built.forEach(
            b ->
                common
                    .output()
                    .line(
                        "live.%s holds %,d rows of bronze in version %d"
                            .formatted(b.view(), b.rows(), b.version())));
        FilteredRows.print(
            common.output(),
            built.stream().collect(Collectors.toMap(b -> "live." + b.view(), Built::filtered)));
      }
      return runs.exitCode();
    }
  }

  private Contract owner(Workspace workspace) {
    List<Contract> contracts = workspace.liveContracts(Optional.empty());
    return contracts.stream()
        .filter(contract -> contract.liveTables().contains(view))
        .findFirst()
        .orElseThrow(
            () ->
                AssayException.usage(
                    "there is no live view " + view,
                    "give one of "
                        + String.join(
                            ", ",
                            contracts.stream()
                                .flatMap(contract -> contract.liveTables().stream())
                                .toList())));
  }

  private static RunSummary summary(Built built) {
    Map<String, Long> rows = new TreeMap<>(Map.of("counted", built.rows()));
    rows.putAll(FilteredRows.byRule("live." + built.view(), built.filtered()));
    return new RunSummary(built.rows() + " rows", rows, Map.of("live", built.version()));
  }
}
