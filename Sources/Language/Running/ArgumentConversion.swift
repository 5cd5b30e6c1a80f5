import Base

/// Converts a given argument to a value of its type.
enum ArgumentConversion {
  /// - Parameters:
  ///   - isBareword: `17` can be a number or a name; quoted text is never a number where any value is allowed.
  ///   - label: the argument's name in messages.
  /// - Throws: a usage failure without a place.
  static func convert(_ value: Value, isBareword: Bool, to type: ArgumentType, label: String) throws(Failure) -> Value {
    switch type {
    case .value, .rowExpression:
      if isBareword, case .string(let text) = value { return Literal.value(of: text) }
      return value
    case .int, .cell: return try whole(value, type, label)
    case .float: return try real(value, label)
    case .toggle, .bool: return try truth(value, label)
    case .choice(let choices): return try choice(value, choices, label)
    case .path:
      let text = try text(value, label)
      return isBareword ? .string(expandingHome(text)) : .string(text)
    case .object:
      // The result of `open` and similar commands stands for the object that it names.
      if case .record(let record) = value, case .string(let name)? = record["name"] { return .string(name) }
      return .string(try text(value, label))
    case .string, .newName, .stimulus, .column, .word, .raw: return .string(try text(value, label))
    }
  }

  private static func whole(_ value: Value, _ type: ArgumentType, _ label: String) throws(Failure) -> Value {
    switch value {
    case .int: return value
    case .double(let number): if let exact = Int(exactly: number) { return .int(exact) }
    case .string(let text): if let number = Int(text) { return .int(number) }
    default: break
    }
    let hint = type == .cell ? "give the cell's cid" : nil
    let isFar = Double(value.plainText).map { abs($0) >= 0x1p63 } ?? false
    let range = isFar ? " between \(Int.min) and \(Int.max)" : ""
    throw Failure(.usage, "\(label) must be a whole number\(range), not \(value.phrase)", hint: hint)
  }

  private static func real(_ value: Value, _ label: String) throws(Failure) -> Value {
    if let number = value.number { return .double(number) }
    if case .string(let text) = value, let number = Literal.value(of: text).number { return .double(number) }
    throw Failure(.usage, "\(label) must be a number, not \(value.phrase)")
  }

  private static func truth(_ value: Value, _ label: String) throws(Failure) -> Value {
    switch value {
    case .bool: return value
    case .string("true"): return .bool(true)
    case .string("false"): return .bool(false)
    default: throw Failure(.usage, "\(label) must be true or false, not \(value.phrase)")
    }
  }

  private static func choice(_ value: Value, _ choices: [String], _ label: String) throws(Failure) -> Value {
    let text = try text(value, label)
    guard choices.contains(text) else {
      throw Failure(
        .usage, "\(label) must be one of \(choices.joined(separator: ", ")), not '\(text)'",
        hint: Suggestion.hint(for: text, among: choices))
    }
    return .string(text)
  }

  private static func text(_ value: Value, _ label: String) throws(Failure) -> String {
    switch value {
    case .string(let text): return text
    case .int, .double, .bool: return value.plainText
    default: throw Failure(.usage, "\(label) must be text, not \(value.phrase)")
    }
  }

  private static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/") else { return path }
    let home = HomeFolder.path
    return home.isEmpty ? path : home + path.dropFirst()
  }
}
