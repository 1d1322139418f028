package assay.cli;

import assay.reconciliation.serving.Published;
import assay.reconciliation.serving.Serving;
import assay.reconciliation.serving.Standing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Changes a stage by hand, then brings the serving tables there. */
final class StageChange {
  private StageChange() {}

  static int make(CommonOptions common, String metrics, Function<Serving, Standing> change) {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      DomainRuns runs = common.domainRuns(workspace, progress);
      Serving serving = ServedMetrics.of(workspace, metrics, progress);
      List<Published> published =
          runs.runEach(
              "stage",
              Optional.empty(),
              List.of(serving),
              Serving::metrics,
              of -> {
                Standing made = change.apply(of);
                progress.say(metrics + " is " + made.position().inWords() + " now");
                return ServingPublishCommand.publish(workspace, of, progress);
              },
              ServingPublishCommand::summary);
      for (Published one : published) {
        ServingPublishCommand.tell(progress, one);
        if (common.json()) {
          Map<String, Object> document =
              new LinkedHashMap<>(ServedMetrics.document(one.standing()));
          common.output().json(document);
        } else {
          ServingPublishCommand.print(common, published);
        }
      }
      return runs.exitCode();
    }
  }
}
