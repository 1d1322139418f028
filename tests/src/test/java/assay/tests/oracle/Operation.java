package assay.tests.oracle;

/** What a row asks for. */
public enum Operation {
  UPSERT,
  DELETE,

  /** Of all keys: every row goes. */
  TRUNCATE
}
