import Formats

/// The folder name of a Ray trial: `<trainable>_<trial id>_<number>_<k=v,k=v…>_<date>`, which Ray cuts when it is long.
struct RayTrialName {
  private(set) var parameters: [ConfigNode.Entry] = []
  /// What the cut took away, in words.
  private(set) var lost: String?
  /// Ray cuts names of this length.
  private static let cutLength = 150

  init(_ folder: String) {
    var text = Substring(folder)
    if let date = text.firstMatch(of: /_\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}$/) { text = text[..<date.range.lowerBound] }
    guard let equals = text.firstIndex(of: "=") else { return }
    // The first name follows the trial's id and number: `_3bb08ddf_93_`, `_b9bdf_00003_3_`.
    let head = text[..<equals]
    let number = head.firstMatch(of: /_(?:[0-9a-f]{8}|[0-9a-f]{5}_\d{5})_\d+_/)
    let start = number?.range.upperBound ?? head.startIndex
    let isCut = folder.count >= Self.cutLength
    let parts = text[start...].split(separator: ",", omittingEmptySubsequences: true)
    for (index, part) in parts.enumerated() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let isLast = index == parts.count - 1
      guard pair.count == 2 else {
        if isLast {
          lost = "the folder's name is cut: `\(part)…` and what follows are lost"
        }
        continue
      }
      let (name, value) = (String(pair[0]), String(pair[1]))
      if isCut && isLast {
        lost = "the folder's name is cut: `\(name)` may go on, and what follows is lost"
        parameters.append(.init(name, .string(value + "…")))
      } else {
        parameters.append(.init(name, Self.value(value)))
      }
    }
  }

  static func value(_ text: String) -> ConfigNode {
    switch text {
    case "True": .bool(true)
    case "False": .bool(false)
    case "None": .null
    default: Int(text).map { .int($0) } ?? Double(text).map { .double($0) } ?? .string(text)
    }
  }
}
