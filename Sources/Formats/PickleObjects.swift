import Base

/// Objects of classes that hold settings, taken as data: OmegaConf's nodes, dataclasses, enumerations, and classes like
/// dict. Nothing is called: what counts is the state that the pickle lists.
extension PickleValue {
  /// The attributes of a pickled object: its `__dict__` and its `__slots__`.
  private func attributes(_ record: PickleGraph.Record) -> [(key: PickleValue, value: PickleValue)]? {
    guard let state = record.state.map({ PickleValue(graph: graph, node: $0) }) else { return nil }
    if let entries = state.entries { return entries }
    guard let parts = state.items, parts.count == 2 else { return nil }
    let both = parts.compactMap(\.entries)
    return both.isEmpty ? nil : both.flatMap(\.self)
  }

  /// The value that an object stands for: the content of an OmegaConf node, the value of an enumeration.
  func objectContent(_ record: PickleGraph.Record) -> PickleValue? {
    guard let attributes = attributes(record) else {
      // An enumeration's member is called with its value.
      guard record.state == nil, record.items.isEmpty,
        case .tuple(let arguments) = graph.contents[Int(record.arguments)],
        arguments.count == 1, let only = arguments.first, case .global = graph.contents[Int(record.callable)]
      else { return nil }
      switch graph.contents[Int(only)] {
      case .bool, .int, .double, .string: return PickleValue(graph: graph, node: only)
      default: return nil
      }
    }
    // OmegaConf's containers and nodes, ml_collections' ConfigDict, UserDict.
    for name in ["_content", "_val", "_fields"] {
      if let value = attributes.last(where: { $0.key.stringValue == name })?.value { return value }
    }
    guard attributes.count == 1, attributes[0].key.stringValue == "data" else { return nil }
    return attributes[0].value.entries == nil ? nil : attributes[0].value
  }

  /// The entries of an object of a class like dict, or else its attributes; nil where it has none with names.
  func objectPairs(_ record: PickleGraph.Record) -> [(key: String, value: PickleValue)]? {
    if record.isMapping {
      return stride(from: 0, to: record.items.count - 1, by: 2).compactMap { position in
        guard case .string(let key) = graph.contents[Int(record.items[position])] else { return nil }
        return (key, PickleValue(graph: graph, node: record.items[position + 1]))
      }
    }
    guard let attributes = attributes(record), !attributes.isEmpty else {
      // An instance without attributes is an empty group of settings.
      guard record.isInstance, record.items.isEmpty, case .tuple(let arguments) = graph.contents[Int(record.arguments)],
        arguments.isEmpty
      else { return nil }
      return []
    }
    return attributes.compactMap { attribute in
      attribute.key.stringValue.flatMap { $0.hasPrefix("_") ? nil : ($0, attribute.value) }
    }
  }
}
