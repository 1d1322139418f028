package assay.views.live;

/**
 * What a run of the live query would read for one view.
 *
 * @param rows of bronze that the view has not read
 * @param bytes of the files of bronze that hold them
 * @param bronzeVersion up to which it would read
 * @param viewVersion it would go on from; -1 where there is no view yet
 */
public record LivePlan(String view, long rows, long bytes, long bronzeVersion, long viewVersion) {}
