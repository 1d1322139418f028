package assay.tests.oracle;

import java.time.LocalDate;

/** One row of {@code route_day}. */
public record Cell(LocalDate eventDate, String origin, String destination) {}
