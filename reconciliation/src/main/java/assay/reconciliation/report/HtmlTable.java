package assay.reconciliation.report;

import java.util.Set;

/** Parts of tables: each has a name, and scrolls by itself, so that the page never has to. */
final class HtmlTable {
  /** Headings of columns of numbers. */
  private static final Set<String> NUMBERS =
      Set.of(
          "batch",
          "live",
          "live − batch",
          "rows",
          "cells",
          "windows",
          "already final",
          "half within",
          "9 of 10 within",
          "worst",
          "evidence",
          "rows in bronze",
          "partition");

  private HtmlTable() {}

  /** The box can be scrolled by keyboard too. */
  static void open(Html html, String label) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label);
    html.open("table");
  }

  static void headings(Html html, String... names) {
    html.open("thead").open("tr");
    for (String name : names) {
      html.element("th", name, "scope", "col", "class", NUMBERS.contains(name) ? "n" : "t");
    }
    html.close("tr").close("thead").open("tbody");
  }

  static void number(Html html, String text) {
    html.element("td", text, "class", "n");
  }

  static void close(Html html) {
    html.close("tbody").close("table").close("div");
  }
}
