import Base
import Formats

/// One map of a model's `regularization:`, read with the place of each fault.
struct ConfigurationEntry {
  private let node: ConfigNode
  private let place: String

  init(_ node: ConfigNode, at place: String) {
    self.node = node
    self.place = place
  }

  func number(_ key: String) throws -> Double? {
    guard let value = node[key], value != .null else { return nil }
    guard let number = value.doubleValue, number.isFinite else { throw wrong(key, "a number") }
    return number
  }

  func integer(_ key: String) throws -> Int? {
    guard let value = node[key], value != .null else { return nil }
    guard let integer = value.intValue else { throw wrong(key, "a whole number") }
    return integer
  }

  func text(_ key: String) throws -> String? {
    guard let value = node[key], value != .null else { return nil }
    guard let text = value.stringValue else { throw wrong(key, "a word") }
    return text
  }

  func wrong(_ key: String, _ need: String) -> Failure {
    Failure(.format, "\(place).\(key): \(need) is needed")
  }
}
