package assay.views.sinks;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.LakeTable;
import assay.core.LakeTable.Later;
import assay.core.TableChange;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Up to where sinks have sent: numbers in commits of {@code ops/sinks}, each written after what it
 * stands for was taken. A process that is killed in between sends that again.
 */
final class SinkProgress {
  private static final int ATTEMPTS = 10;

  private final LakeTable table;

  SinkProgress(LakeTable table) {
    this.table = table;
  }

  /** The position that was kept last; empty where none was. */
  OptionalLong position(String id) {
    return table.lastTransaction(id);
  }

  /**
   * Keeps positions in one commit.
   *
   * @param positions by id
   */
  void keep(Map<String, Long> positions) {
    TableChange change = TableChange.exchange(Optional.empty(), Optional.empty(), positions);
    for (int attempt = 1; ; attempt++) {
      try {
        long unused = table.commit(table.version(), change, Later.REFUSE);
        return;
      } catch (AssayException e) {
        // Others write rows to the table at any time.
        if (e.code() != ErrorCode.TRY_AGAIN || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
