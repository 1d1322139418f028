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
import java.util.Set;
import java.util.stream.Stream;

/**
 * The contracts of a folder, which together name each table once.
 *
 * @param names that they take, which are known even where something else in them is wrong
 */
record ContractFolder(Checked<List<Contract>> contracts, Names names) {

  /**
   * The names of tables that contracts take.
   *
   * @param metricSets and where each stands
   * @param complete whether every file could be read as far as its names
   */
  record Names(Set<String> domains, Map<String, ContractFile.Name> metricSets, boolean complete) {
    Names {
      domains = Set.copyOf(domains);
      metricSets = Map.copyOf(metricSets);
    }
  }

  static ContractFolder read(Path folder, SchemaCheck schema) {
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
    Map<String, ContractFile.Name> liveViews = new HashMap<>();
    boolean complete = true;
    for (Path path : files) {
      ContractFile file = ContractFile.read(path, schema);
      complete &= file.domain().isPresent();
      List<Problem> own = new ArrayList<>(file.contract().problems());
      file.domain().ifPresent(name -> claim("domain", domains, name, own));
      file.metricSets().forEach(name -> claim("metric set", metricSets, name, own));
      file.metricSets().forEach(name -> liveViews.putIfAbsent(name.name(), name));
      file.liveViews().forEach(name -> claim("live view", liveViews, name, own));
      own.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
      problems.addAll(own);
      if (file.contract() instanceof Checked.Good<Contract> good) {
        contracts.add(good.value());
      }
    }
    Checked<List<Contract>> checked =
        problems.isEmpty()
            ? new Checked.Good<>(List.copyOf(contracts))
            : new Checked.Bad<>(problems);
    return new ContractFolder(checked, new Names(domains.keySet(), metricSets, complete));
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

  private static ContractFolder mistake(Path folder, String message, String mend) {
    return new ContractFolder(
        new Checked.Bad<>(List.of(new Problem(folder.toString(), 1, 1, message, mend))),
        new Names(Set.of(), Map.of(), false));
  }
}
