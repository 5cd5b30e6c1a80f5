extension Value {
  /// The value in words: "a table", "the int 3".
  package var phrase: String {
    switch self {
    case .null: "null"
    case .bool, .int, .double: "the \(typeName) \(plainText)"
    case .string(let text): "the text '\(text.count > 40 ? text.prefix(40) + "…" : text)'"
    case .list, .record, .table, .report: "a \(typeName)"
    }
  }
}
