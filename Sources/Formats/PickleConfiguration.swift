import Base

extension PickleValue {
  /// Deeper than any configuration, shallow enough for every thread's stack.
  static let depthLimit = 100
  static let nodeLimit = 200_000

  /// The value as a configuration tree.
  ///
  /// Tuples and sets become lists, and keys become text. Classes, unknown objects and bytes become their name in angle
  /// brackets, but for bytes that hold a model's configuration. `numbers` may give a tensor's values; a tensor for which it
  /// gives none becomes a description.
  /// - Throws: `format` where the value nests too deeply, refers to itself or would grow without bound.
  func configuration(
    origin: String, numbers: ((TensorReference) -> ConfigNode?)? = nil
  ) throws -> ConfigNode {
    var budget = PickleValue.nodeLimit
    return try configuration(origin, numbers, depth: 0, &budget)
  }

  private func configuration(
    _ origin: String, _ numbers: ((TensorReference) -> ConfigNode?)?, depth: Int, _ budget: inout Int
  ) throws -> ConfigNode {
    budget -= 1
    guard depth < PickleValue.depthLimit, budget > 0 else {
      throw Failure(
        .format,
        "\(origin): the configuration nests more than \(PickleValue.depthLimit) deep or has more than \(PickleValue.nodeLimit) values"
      )
    }
    switch content {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInteger(let digits): return .string(digits)
    case .double(let value): return .double(value)
    case .string(let value): return .string(value)
    case .bytes(let bytes):
      // A configuration that was encoded: `json.dumps(cfg).encode()`.
      let text = String(validating: bytes, as: UTF8.self)
      return .string(text.flatMap { ModelConfiguration.mayHold($0) ? $0 : nil } ?? "<\(bytes.count) bytes>")
    case .list, .tuple, .set:
      var list: [ConfigNode] = []
      for item in items ?? [] { list.append(try item.configuration(origin, numbers, depth: depth + 1, &budget)) }
      return .list(list)
    case .dict:
      var map: [ConfigNode.Entry] = []
      var places: [String: Int] = [:]
      for (key, value) in entries ?? [] {
        let entry = ConfigNode.Entry(key.keyText, try value.configuration(origin, numbers, depth: depth + 1, &budget))
        if let place = places[entry.key] {
          map[place] = entry
        } else {
          places[entry.key] = map.count
          map.append(entry)
        }
      }
      return .map(map)
    case .tensor(let index):
      let reference = graph.tensors[Int(index)]
      return numbers?(reference) ?? .string("<tensor \(reference.scalar.rawValue) \(reference.shape)>")
    case .global(let index): return .string(graph.globals[Int(index)].text)
    case .object(let index):
      if let content = objectContent(graph.records[Int(index)]) {
        return try content.configuration(origin, numbers, depth: depth + 1, &budget)
      }
      guard let pairs = objectPairs(graph.records[Int(index)]) else { return .string("<\(kindName)>") }
      var map: [ConfigNode.Entry] = []
      var names: Set<String> = []
      for (key, value) in pairs where names.insert(key).inserted {
        map.append(.init(key, try value.configuration(origin, numbers, depth: depth + 1, &budget)))
      }
      return .map(map)
    case .storage: return .string("<\(kindName)>")
    }
  }

  /// A dict's key as text.
  private var keyText: String {
    switch content {
    case .string(let text): text
    case .int(let value): String(value)
    case .bool(let value): value ? "True" : "False"
    case .double(let value): String(value)
    case .null: "None"
    case .tuple:
      "("
        + (items ?? []).prefix(8).map { $0.stringValue ?? $0.intValue.map(String.init) ?? "?" }.joined(separator: ", ")
        + ")"
    default: "<\(kindName)>"
    }
  }
}
