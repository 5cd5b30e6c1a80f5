import Formats

/// A dataset configuration's overrides of adapter and readout, kept as text that is valid YAML and JSON.
enum HeadOverrides {
  static func text(adapter: ConfigNode?, readout: ConfigNode?) throws -> String? {
    var entries: [ConfigNode.Entry] = []
    if let adapter, !adapter.isNull { entries.append(.init("adapter", adapter)) }
    if let readout, !readout.isNull { entries.append(.init("readout", readout)) }
    guard !entries.isEmpty else { return nil }
    return try ConfigNode.map(entries).jsonText()
  }
}
