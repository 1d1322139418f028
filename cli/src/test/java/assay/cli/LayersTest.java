package assay.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules, and what only one of them may touch. */
@AnalyzeClasses(
    packages = "assay",
    importOptions = {ImportOption.DoNotIncludeTests.class, LayersTest.NoTestJars.class})
final class LayersTest {

  /** Test helpers of other modules come as jars. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule MODULES_DEPEND_ONLY_AS_DESIGNED =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("core")
          .definedBy("assay.core..")
          .layer("ingestion")
          .definedBy("assay.ingestion..")
          .layer("silver")
          .definedBy("assay.silver..")
          .layer("gold")
          .definedBy("assay.gold..")
          .layer("views")
          .definedBy("assay.views..")
          .layer("reconciliation")
          .definedBy("assay.reconciliation..")
          .optionalLayer("cli")
          .definedBy("assay.cli..")
          .whereLayer("core")
          .mayNotAccessAnyLayer()
          .whereLayer("ingestion")
          .mayOnlyAccessLayers("core")
          .whereLayer("silver")
          .mayOnlyAccessLayers("core", "ingestion")
          .whereLayer("gold")
          .mayOnlyAccessLayers("core", "silver")
          .whereLayer("views")
          .mayOnlyAccessLayers("core", "ingestion", "silver")
          .whereLayer("reconciliation")
          .mayOnlyAccessLayers("core", "ingestion", "silver", "gold", "views")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule NO_MODULE_NEEDS_ITSELF =
      slices().matching("assay.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_CORE_KNOWS_THE_INSIDE_OF_DELTA =
      noClasses()
          .that()
          .resideOutsideOfPackage("assay.core..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.spark.sql.delta..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_PRINTS =
      noClasses()
          .that()
          .resideOutsideOfPackage("assay.cli..")
          // A process of its own, whose output is the broker's log.
          .and()
          .doNotHaveFullyQualifiedName("assay.ingestion.KafkaBrokerMain")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace");

  @ArchTest
  static final ArchRule TIME_IS_JAVA_TIME =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java[.]util[.](Date|Calendar)|java[.]sql[.](Date|Time|Timestamp)");
}
