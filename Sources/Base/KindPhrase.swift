/// Names of kinds of objects as they stand in a sentence.
public enum KindPhrase {
  /// A kind with its article: `a twin`, `predictions`, `a set of runs`.
  public static func one(_ kind: String) -> String {
    switch kind {
    case "runs": "a set of runs"
    case _ where kind.hasSuffix("s"): kind
    case _ where "aeiou".contains(kind.prefix(1)): "an \(kind)"
    default: "a \(kind)"
    }
  }

  /// The failure's text for an object of another kind than is needed: `` `x` is a twin, not a set of runs ``.
  public static func mismatch(_ name: String, is kind: String, not wanted: [String]) -> String {
    "`\(name)` is \(one(kind)), not \(wanted.map(one).joined(separator: " or "))"
  }
}
