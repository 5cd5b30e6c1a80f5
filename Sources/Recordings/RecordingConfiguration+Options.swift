extension RecordingConfiguration {
  /// Options at the top of a dataset YAML or a session's YAML, with those below them; `*` is a name of the user's.
  private static let options = [
    "types", "train_val_split", "seed", "cids", "session", "sessions", "session_dir", "sampling",
    "sampling.source_rate", "sampling.target_rate", "keys_lags", "keys_lags.*", "transforms", "transforms.*",
    "transforms.*.source", "transforms.*.ops", "transforms.*.expose_as", "transforms.*.concatenate", "datafilters",
    "datafilters.*", "datafilters.*.ops", "datafilters.*.expose_as",
  ]

  /// Whether an option of a dataset YAML is read, by its dotted path. Options of single transforms and filters, below `ops`, are
  /// not told here.
  public static func reads(option path: String) -> Bool {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    return options.contains { option in
      let known = option.split(separator: ".")
      return known.count == parts.count && zip(known, parts).allSatisfy { $0 == "*" || $0 == $1 }
    }
  }
}
