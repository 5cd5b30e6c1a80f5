/// All output modes, in the order of `mode` and `--help`; a test compares this list with Modes/.
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
  /// File name extensions of all modes.
  public static let fileEndings = all.flatMap(\.fileEndings)
}
