package assay.reconciliation.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was looked for and what was found.
 *
 * @param causes that were looked for, see {@link Finding#cause}: one that is not among {@code
 *     found} does not hold
 */
record Findings(Set<String> causes, List<Finding> found) {
  static final Findings NONE = new Findings(Set.of(), List.of());

  Findings {
    causes = Set.copyOf(causes);
    found = List.copyOf(found);
  }

  /** These and others, of other causes. */
  Findings plus(Findings others) {
    Set<String> allCauses = new TreeSet<>(causes);
    allCauses.addAll(others.causes);
    List<Finding> all = new ArrayList<>(found);
    all.addAll(others.found);
    return new Findings(allCauses, all);
  }
}
