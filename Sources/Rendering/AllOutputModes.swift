/// Every output mode there is, in the order of `mode` and `--help`; a test compares the list with Modes/.
public enum AllOutputModes {
  public static let all: [OutputMode] = [
    .table,
    .line,
    .csv,
    .tsv,
    .json,
    .jsonl,
    .markdown,
    .html,
    .latex,
  ]

  public static let names = all.map(\.name)
  /// Endings of all files that results can be written to.
  public static let fileEndings = all.flatMap(\.fileEndings)
}
