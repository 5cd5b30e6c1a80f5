import Base
import Foundation

/// A dataset configuration's overrides of adapter and readout, kept as text that is valid YAML and JSON.
package enum HeadOverrides {
  package static func text(adapter: ConfigNode?, readout: ConfigNode?) throws -> String? {
    var entries: [ConfigNode.Entry] = []
    if let adapter, !adapter.isNull { entries.append(.init("adapter", adapter)) }
    if let readout, !readout.isNull { entries.append(.init("readout", readout)) }
    guard !entries.isEmpty else { return nil }
    let data = try JSONSerialization.data(
      withJSONObject: object(.map(entries)), options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  private static func object(_ node: ConfigNode) -> Any {
    switch node {
    case .null: NSNull()
    case .bool(let value): value
    case .int(let value): value
    case .double(let value): value
    case .string(let value): value
    case .list(let items): items.map(object)
    case .map(let entries):
      Dictionary(entries.map { ($0.key, object($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
