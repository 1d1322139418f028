package assay.core.contract;

import assay.core.yaml.Checked;
import assay.core.yaml.Position;
import assay.core.yaml.Problem;
import assay.core.yaml.SchemaCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the contracts of a folder, which together name each table once. */
final class ContractFolder {
  private ContractFolder() {}

  static Checked<List<Contract>> check(Path folder, SchemaCheck schema) {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(ContractFolder::isContract).sorted().toList();
    } catch (IOException e) {
      return mistake(
          folder, "the folder of contracts cannot be read", "Check `contracts` in assay.yaml.");
    }
    if (files.isEmpty()) {
      return mistake(
          folder, "the folder holds no contract", "Put a contract there, such as flights.yaml.");
    }
    List<Problem> problems = new ArrayList<>();
    List<Contract> contracts = new ArrayList<>();
    Map<String, ContractFile.Name> domains = new HashMap<>();
    Map<String, ContractFile.Name> metricSets = new HashMap<>();
    for (Path path : files) {
      ContractFile file = ContractFile.read(path, schema);
      List<Problem> own = new ArrayList<>(file.contract().problems());
      file.domain().ifPresent(name -> claim("domain", domains, name, own));
      file.metricSets().forEach(name -> claim("metric set", metricSets, name, own));
      own.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
      problems.addAll(own);
      if (file.contract() instanceof Checked.Good<Contract> good) {
        contracts.add(good.value());
      }
    }
    return problems.isEmpty()
        ? new Checked.Good<>(List.copyOf(contracts))
        : new Checked.Bad<>(problems);
  }

  private static void claim(
      String what,
      Map<String, ContractFile.Name> taken,
      ContractFile.Name name,
      List<Problem> problems) {
    ContractFile.Name first = taken.putIfAbsent(name.name(), name);
    if (first != null) {
      Position at = name.position();
      problems.add(
          new Problem(
              name.file(),
              at.line(),
              at.column(),
              "the "
                  + what
                  + " `"
                  + name.name()
                  + "` is also in "
                  + first.file()
                  + ":"
                  + first.position().line(),
              "Choose another name: tables are named after it."));
    }
  }

  private static boolean isContract(Path path) {
    String name = String.valueOf(path.getFileName());
    boolean yaml = name.endsWith(".yaml") || name.endsWith(".yml");
    return yaml
        && !name.startsWith(".")
        && !name.matches("assay\\.ya?ml")
        && Files.isRegularFile(path);
  }

  private static Checked<List<Contract>> mistake(Path folder, String message, String mend) {
    return new Checked.Bad<>(List.of(new Problem(folder.toString(), 1, 1, message, mend)));
  }
}
