package assay.gold;

import assay.core.TableSize;

/**
 * How much work a plan is, told by Delta's log without reading a row.
 *
 * @param reads what of its sources it reads, at most
 * @param replaces what of its own table it replaces
 */
public record GoldCost(TableSize reads, TableSize replaces) {
  static final GoldCost NOTHING = new GoldCost(TableSize.NONE, TableSize.NONE);
}
