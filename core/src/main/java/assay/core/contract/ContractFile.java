package assay.core.contract;

import assay.core.yaml.Checked;
import assay.core.yaml.Position;
import assay.core.yaml.Problems;
import assay.core.yaml.SchemaCheck;
import assay.core.yaml.YamlDocument;
import assay.core.yaml.YamlNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One contract file: what was read from it, and the names it claims for tables, which are known
 * even where something else in the file is wrong.
 */
record ContractFile(
    Checked<Contract> contract,
    Optional<Name> domain,
    List<Name> metricSets,
    List<Name> liveViews) {

  /** A name and where it stands. */
  record Name(String name, String file, Position position) {}

  static ContractFile read(Path file, SchemaCheck schema) {
    Problems problems = new Problems(file.toString());
    Optional<YamlDocument> document = YamlDocument.read(file, problems);
    if (document.isEmpty()) {
      return new ContractFile(
          new Checked.Bad<>(problems.sorted()), Optional.empty(), List.of(), List.of());
    }
    schema.check(document.get());
    YamlNode root = document.get().root();
    Optional<Contract> contract = new DomainReader(root).read();
    Checked<Contract> checked =
        problems.isEmpty() && contract.isPresent()
            ? new Checked.Good<>(contract.get())
            : new Checked.Bad<>(problems.sorted());
    Optional<Name> domain =
        root.field("domain").map(d -> new Name(d.text(), file.toString(), d.position()));
    return new ContractFile(
        checked, domain, names(root, "metrics", file), names(root, "live_views", file));
  }

  private static List<Name> names(YamlNode root, String key, Path file) {
    return root.field(key).map(YamlNode::fields).orElse(List.of()).stream()
        .map(m -> new Name(m.name(), file.toString(), m.keyPosition()))
        .toList();
  }
}
