import Base
import Formats

/// One step of a transform or data filter, as in the YAML: `valid_nlags: {n_lags: 18}`.
public struct PipelineStep: Sendable, Equatable {
  public var name: String
  /// A map of options, one bare value, or null.
  public var parameters: ConfigNode
  /// Its place in the YAML, for messages: `Sim_2025-01-10: transforms.stim.ops.0.pixelnorm`.
  public var place: String

  public init(_ name: String, _ parameters: ConfigNode = .null, place: String = "") {
    self.name = name
    self.parameters = parameters
    self.place = place.isEmpty ? name.shortened : place
  }

  /// The steps of an `ops` list, each a map of one key or a name alone.
  static func list(_ node: ConfigNode?, place: String) throws -> [PipelineStep] {
    guard let node, !node.isNull else { return [] }
    guard let items = node.listValue else {
      throw Failure(.format, "\(place): a list of steps is expected, not \(node.kindName)")
    }
    return try items.enumerated().map { index, item in
      if let name = item.stringValue { return PipelineStep(name, place: "\(place).\(index).\(name.shortened)") }
      guard let entries = item.mapValue, entries.count == 1, let entry = entries.first else {
        throw Failure(.format, "\(place).\(index): one step with its options is expected, as in `pixelnorm: {}`")
      }
      return PipelineStep(entry.key, entry.value, place: "\(place).\(index).\(entry.key.shortened)")
    }
  }

  /// The option `key`; nil where it is not given.
  func option(_ key: String) -> ConfigNode? {
    guard let value = parameters[key], !value.isNull else { return nil }
    return value
  }

  func number(_ key: String) throws -> Double? {
    guard let node = option(key) else { return nil }
    guard let value = node.doubleValue, value.isFinite else { throw unexpected(key, node, "a number") }
    return value
  }

  func integer(_ key: String) throws -> Int? {
    guard let node = option(key) else { return nil }
    guard let value = node.intValue else { throw unexpected(key, node, "an integer") }
    return value
  }

  func truth(_ key: String) throws -> Bool? {
    guard let node = option(key) else { return nil }
    guard let value = node.boolValue else { throw unexpected(key, node, "true or false") }
    return value
  }

  /// - Throws: `Failure(.unsupported)` for an option that the step does not know.
  func allow(_ keys: [String]) throws {
    for entry in parameters.mapValue ?? [] where !keys.contains(entry.key) {
      throw Failure(
        .unsupported, "\(place): unknown option `\(entry.key.shortened)`",
        hint: Suggestion.hint(for: entry.key, among: keys)
          ?? (keys.isEmpty ? nil : "known: \(keys.joined(separator: ", "))"))
    }
  }

  private func unexpected(_ key: String, _ node: ConfigNode, _ wanted: String) -> Failure {
    Failure(.format, "\(place).\(key): \(wanted) is expected, not \(node.kindName)")
  }
}
