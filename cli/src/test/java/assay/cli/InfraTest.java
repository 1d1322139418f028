package assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import assay.core.Settings;
import assay.core.SettingsReader;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds what {@code infra/} asks schedulers to run against the command as it is. */
class InfraTest {
  private static final Path ROOT = Path.of(System.getProperty("assay.root"));
  private static final Path INFRA = ROOT.resolve("infra");
  private static final Path KUBERNETES = INFRA.resolve("kubernetes");
  private static final Pattern CRON_LINE = Pattern.compile("((?:\\S+\\s+){4}\\S+)\\s+(.+)");
  private static final Pattern SUBMITTED = Pattern.compile("/opt/spark/jars/(\\S+[.]jar)");

  @TempDir Path folder;

  @Test
  void theCrontabRunsCommandsThatThereAre() throws Exception {
    CronParser times = unixTimes();
    List<String> stages = new ArrayList<>();
    for (String line : Files.readAllLines(INFRA.resolve("cron/assay.crontab"))) {
      if (line.isBlank() || line.startsWith("#") || line.matches("[A-Z_]+=.*")) {
        continue;
      }
      Matcher matcher = CRON_LINE.matcher(line);
      assertThat(matcher.matches()).as(line).isTrue();
      times.parse(matcher.group(1)).validate();
      String command = matcher.group(2);
      // To cron a percent sign is the end of the line.
      assertThat(command).doesNotContain("%");
      assertThat(run("bash", "-n", "-c", command).exitCode()).as(command).isZero();
      for (String part : command.split("&&", -1)) {
        assertThat(part.strip()).startsWith("assay/infra/cron/run-assay ");
        stages.add(
            parse(
                ShownCommands.words(
                    part.strip().substring("assay/infra/cron/run-assay ".length()))));
      }
    }
    assertThat(stages)
        .containsExactly("ingest", "live", "silver", "gold", "reconcile", "maintain", "maintain");
  }

  @Test
  void cronTriesAgainAfter75AndSaysNothingOfARunThatWentWell() throws Exception {
    Path tries = folder.resolve("tries");
    Ended busy = runAssay("echo x >>%s; [ $(wc -l <%s) -ge 3 ] || exit 75; echo ok", tries);
    assertThat(busy).isEqualTo(new Ended(0, ""));
    assertThat(Files.readAllLines(tries)).hasSize(3);

    Files.delete(tries);
    Ended never = runAssay("echo x >>%s; echo busy; exit 75", tries);
    assertThat(never)
        .isEqualTo(new Ended(75, "busy\nassay silver --domain a b ended with exit code 75\n"));
    assertThat(Files.readAllLines(tries)).hasSize(3);

    Files.delete(tries);
    Ended diverged = runAssay("echo x >>%s; echo \"$2-$3\"; exit 3", tries);
    assertThat(diverged)
        .isEqualTo(
            new Ended(3, "--domain-a b\nassay silver --domain a b ended with exit code 3\n"));
    assertThat(Files.readAllLines(tries)).hasSize(1);
  }

  /** How a process ended, and what it printed to both outputs. */
  private record Ended(int exitCode, String printed) {}

  private Ended runAssay(String script, Path tries) throws Exception {
    Path stub = folder.resolve("assay-stub");
    Files.writeString(stub, "#!/usr/bin/env bash\n" + script.replace("%s", "'" + tries + "'"));
    Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwx------"));
    return run(
        Map.of("ASSAY", stub.toString(), "ASSAY_PAUSE", "0"),
        INFRA.resolve("cron/run-assay").toString(),
        "silver",
        "--domain",
        "a b");
  }

  @Test
  void airflowActsOnExitCodesAndRunsCommandsThatThereAre() throws Exception {
    assumeTrue(hasPython(), "there is no python3 here to load the DAG with");
    Path lookAt = Path.of(InfraTest.class.getResource("look_at_dags.py").toURI());
    Ended python =
        run(
            Map.of("PYTHONDONTWRITEBYTECODE", "1"),
            "python3",
            lookAt.toString(),
            INFRA.resolve("airflow/assay_dag.py").toString(),
            "0",
            "1",
            "2",
            "3",
            "4",
            "75",
            "137");
    assertThat(python.exitCode()).as(python.printed()).isZero();
    JsonNode seen = new ObjectMapper().readTree(python.printed());
    Map<String, String> outcomes = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : seen.get("outcomes").properties()) {
      outcomes.put(e.getKey(), e.getValue().asText());
    }
    assertThat(outcomes)
        .isEqualTo(
            Map.of(
                "0", "done",
                "1", "AirflowFailException",
                "2", "AirflowFailException",
                "3", "AirflowFailException",
                "4", "AirflowSkipException",
                "75", "TryAgain",
                "137", "TryAgain"));
    List<String> stages = new ArrayList<>();
    for (JsonNode dag : seen.get("dags")) {
      unixTimes().parse(dag.get("schedule").asText()).validate();
      assertThat(dag.get("catchup").asBoolean()).isFalse();
      assertThat(dag.get("retries").asInt()).isPositive();
      for (JsonNode task : dag.get("tasks")) {
        String command = task.get("command").asText();
        assertThat(command).startsWith("assay ");
        String stage = parse(ShownCommands.words(command.substring("assay ".length())));
        assertThat(task.get("id").asText()).isEqualTo(stage);
        stages.add(stage + task.get("downstream"));
      }
    }
    assertThat(stages)
        .containsExactly(
            "silver[]", "gold[\"reconcile\"]", "reconcile[]", "maintain[]", "maintain[]");
  }

  @Test
  void theCronJobsAreWhatKubernetesKnowsAndActOnExitCodes() throws Exception {
    Map<String, CronJob> jobs = new TreeMap<>();
    for (String file : List.of("silver.yaml", "gold.yaml", "maintain.yaml")) {
      read(KUBERNETES.resolve(file), CronJob.class)
          .forEach(job -> jobs.put(job.getMetadata().getName(), job));
    }
    assertThat(jobs).containsOnlyKeys("silver", "gold", "maintain", "maintain-weekly");
    jobs.values().forEach(InfraTest::checkJob);
    assertThat(jobs.get("gold").getSpec().getJobTemplate().getSpec().getTemplate().getSpec())
        .satisfies(
            pod -> {
              assertThat(stageOf(pod.getInitContainers().get(0))).isEqualTo("gold");
              assertThat(stageOf(pod.getContainers().get(0))).isEqualTo("reconcile");
            });
  }

  private static void checkJob(CronJob job) {
    assertThat(job.getApiVersion()).isEqualTo("batch/v1");
    assertThat(job.getKind()).isEqualTo("CronJob");
    unixTimes().parse(job.getSpec().getSchedule()).validate();
    assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
    JobSpec spec = job.getSpec().getJobTemplate().getSpec();
    // Kubernetes takes a failure policy only with this.
    assertThat(spec.getTemplate().getSpec().getRestartPolicy()).isEqualTo("Never");
    assertThat(spec.getBackoffLimit()).isPositive();
    List<String> policy = new ArrayList<>();
    for (PodFailurePolicyRule rule : spec.getPodFailurePolicy().getRules()) {
      policy.add(
          rule.getAction()
              + (rule.getOnExitCodes() == null
                  ? ""
                  : " " + rule.getOnExitCodes().getOperator() + rule.getOnExitCodes().getValues()));
    }
    assertThat(policy).containsExactly("Ignore", "Count In[75]", "FailJob In[1, 2, 3, 4]");
    checkPod(spec.getTemplate().getSpec(), job.getMetadata().getName().replace("-weekly", ""));
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsFound() throws Exception {
    Path file = folder.resolve("wrong.yaml");
    String silver = Files.readString(KUBERNETES.resolve("silver.yaml"));
    Files.writeString(file, silver.replace("runAsNonRoot", "runAsNoRoot"));
    assertThatThrownBy(() -> read(file, CronJob.class))
        .hasMessageContaining("Unrecognized field \"runAsNoRoot\"");
  }

  @Test
  void theStreamsAreOneReplicaEach() throws Exception {
    List<Deployment> streams = read(KUBERNETES.resolve("streams.yaml"), Deployment.class);
    for (Deployment stream : streams) {
      assertThat(stream.getApiVersion()).isEqualTo("apps/v1");
      assertThat(stream.getKind()).isEqualTo("Deployment");
      assertThat(stream.getSpec().getReplicas()).isEqualTo(1);
      assertThat(stream.getSpec().getStrategy().getType()).isEqualTo("Recreate");
      assertThat(stream.getSpec().getSelector().getMatchLabels())
          .isEqualTo(stream.getSpec().getTemplate().getMetadata().getLabels());
      checkPod(stream.getSpec().getTemplate().getSpec(), stream.getMetadata().getName());
    }
    assertThat(streams)
        .extracting(s -> s.getMetadata().getName())
        .containsExactly("ingest", "live");
  }

  private static void checkPod(PodSpec pod, String stage) {
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    List<Container> containers =
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream()).toList();
    assertThat(containers).extracting(InfraTest::stageOf).contains(stage);
    List<String> volumes = pod.getVolumes().stream().map(v -> v.getName()).toList();
    for (Container container : containers) {
      assertThat(container.getImage()).isEqualTo("assay");
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getResources().getLimits()).containsKey("memory");
      assertThat(container.getVolumeMounts())
          .extracting(VolumeMount::getName)
          .containsExactlyElementsOf(volumes);
      for (EnvVar variable : container.getEnv()) {
        assertThat(variable.getValue()).as(variable.getName()).isNull();
        assertThat(variable.getValueFrom().getSecretKeyRef().getName()).isEqualTo("assay-secrets");
      }
    }
  }

  /** What the container runs, by the words behind the jar that is submitted. */
  private static String stageOf(Container container) {
    assertThat(container.getCommand()).containsExactly("/opt/spark/bin/spark-submit");
    List<String> args = container.getArgs();
    assertThat(args).contains("--class=" + Main.class.getName());
    int jar = args.indexOf("/opt/spark/jars/cli.jar");
    assertThat(args.subList(0, jar)).allMatch(arg -> arg.startsWith("--"));
    return parse(args.subList(jar + 1, args.size()));
  }

  @Test
  void kustomizeNamesTheFilesThatThereAreAndTheImageIsBuiltWithTheJarThatIsSubmitted()
      throws Exception {
    JsonNode kustomization =
        new YAMLMapper().readTree(KUBERNETES.resolve("kustomization.yaml").toFile());
    List<String> named = new ArrayList<>(List.of("kustomization.yaml"));
    kustomization.get("resources").forEach(file -> named.add(file.asText()));
    kustomization.at("/configMapGenerator/0/files").forEach(file -> named.add(file.asText()));
    try (Stream<Path> files = Files.list(KUBERNETES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(named);
    }
    assertThat(kustomization.at("/images/0/name").asText()).isEqualTo("assay");
    String silver = Files.readString(KUBERNETES.resolve("silver.yaml"));
    Matcher jar = SUBMITTED.matcher(silver);
    assertThat(jar.find()).isTrue();
    assertThat(Files.readString(ROOT.resolve("Dockerfile")))
        .contains("cp cli/target/" + jar.group(1) + " /jars/")
        .contains("COPY --from=build /jars/ /opt/spark/jars/");
    Settings settings =
        SettingsReader.read(
            KUBERNETES.resolve("assay.yaml"),
            Map.of("LAKE", "/lake", "KAFKA", "kafka:9093", "KAFKA_JAAS", "from the secret"));
    assertThat(settings.lake()).isEqualTo("/lake");
    assertThat(settings.contracts()).isEqualTo(Path.of("/etc/assay-contracts"));
    assertThat(silver).contains("mountPath: /etc/assay-contracts");
  }

  @Test
  void theShellLinesOfThePageAreShell() throws Exception {
    List<String> blocks = ShownCommands.blocks("infra/README.md", "bash");
    for (String block : blocks) {
      assertThat(run("bash", "-n", "-c", block).exitCode()).as(block).isZero();
    }
    assertThat(blocks).hasSize(2);
    assertThat(run("bash", "-n", INFRA.resolve("cron/run-assay").toString()).exitCode()).isZero();
  }

  @Test
  @Tag("long")
  void sparkSubmitHandsOnTheExitCode() throws Exception {
    CommandLineRun.of("init", folder.resolve("lakehouse").toString());
    Path settings = folder.resolve("lakehouse").resolve("assay.yaml");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // What Spark's scripts add to the command themselves.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(arg -> arg.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-Dassay.log=" + folder.resolve("log"),
            "-cp",
            System.getProperty("java.class.path"),
            "org.apache.spark.deploy.SparkSubmit",
            "--master=local[1]",
            "--class=assay.cli.Main",
            "spark-internal"));
    List<String> silver = new ArrayList<>(command);
    silver.addAll(List.of("silver", "--config", settings.toString()));
    Ended failed = run(silver.toArray(String[]::new));
    assertThat(failed.printed()).contains("there is no ", "run 'assay ingest' first");
    assertThat(failed.exitCode()).isEqualTo(1);
    List<String> wrong = new ArrayList<>(command);
    wrong.addAll(List.of("silver", "--no-such-option"));
    assertThat(run(wrong.toArray(String[]::new)).exitCode()).isEqualTo(2);
  }

  private static CronParser unixTimes() {
    return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
  }

  /** Reads all documents of a file; a field that the type does not have is an error. */
  private static <T> List<T> read(Path file, Class<T> type) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    yaml.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    yaml.setAnnotationIntrospector(new NoBasketForTheRest());
    try (MappingIterator<T> documents = yaml.readerFor(type).readValues(file.toFile())) {
      return documents.readAll();
    }
  }

  /** The types of Kubernetes keep fields they do not know, instead of refusing them. */
  private static final class NoBasketForTheRest extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated a) {
      return false;
    }
  }

  /** Parses the words of a command without running it, and gives the command's name. */
  private static String parse(List<String> words) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return Main.commandLine(nowhere, nowhere)
        .parseArgs(words.toArray(String[]::new))
        .subcommand()
        .commandSpec()
        .name();
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return run("python3", "--version").exitCode() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Ended run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), command);
  }

  private static Ended run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), printed);
  }
}
