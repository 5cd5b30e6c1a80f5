import Base

/// Functions of text. Null stays null.
enum TextFunctions {
  static let all = [
    Function("contains(text, part)", "Whether text contains a part, or a list an element", .row, 2...2) {
      if case .list(let elements) = $0[0] { return .bool(elements.contains($0[1])) }
      return try both($0, "contains") { $1.isEmpty || $0.firstRange(of: $1) != nil }
    },
    Function("starts_with(text, part)", "Whether text begins with a part", .row, 2...2) {
      try both($0, "starts_with") { $0.hasPrefix($1) }
    },
    Function("ends_with(text, part)", "Whether text ends with a part", .row, 2...2) {
      try both($0, "ends_with") { $0.hasSuffix($1) }
    },
    Function("upper(text)", "Converts to upper case", .row, 1...1) {
      $0[0] == .null ? .null : .string(try $0[0].text(for: "upper").uppercased())
    },
    Function("lower(text)", "Converts to lower case", .row, 1...1) {
      $0[0] == .null ? .null : .string(try $0[0].text(for: "lower").lowercased())
    },
    Function("join(list, separator)", "Joins a list into one text, with spaces by default", .row, 1...2) {
      let separator = try $0.count > 1 ? $0[1].text(for: "join") : " "
      var text = ""
      for (index, element) in try $0[0].elements(for: "join").enumerated() where text.utf8.count <= ValueSize.limit {
        try Cancellation.current?.check()
        text += (index == 0 ? "" : separator) + element.plainText
      }
      try ValueSize.admit(text: text.utf8.count)
      return .string(text)
    },
    Function("split(text, separator)", "Splits a text into a list", .row, 2...2) {
      guard $0[0] != .null else { return .null }
      let text = try $0[0].text(for: "split")
      let separator = try $0[1].text(for: "split")
      guard !separator.isEmpty else { throw Failure(.usage, "split needs a non-empty separator") }
      return .list(text.split(separator: separator, omittingEmptySubsequences: false).map { .string(String($0)) })
    },
    Function("str(x)", "Converts any value to text", .row, 1...1) { .string($0[0].plainText) },
  ]

  private static func both(
    _ arguments: [Value], _ name: String, _ body: (String, String) -> Bool
  ) throws -> Value {
    guard arguments[0] != .null, arguments[1] != .null else { return .bool(false) }
    return .bool(body(try arguments[0].text(for: name), try arguments[1].text(for: name)))
  }
}
