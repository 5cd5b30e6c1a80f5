import Base
import Formats
import Foundation
import Layers

extension LoadedTwin {
  /// Identifies what the core computes behind the adapter of a head: the checkpoint's content, what was chosen in it, and those
  /// of its tensors that were changed since. Readouts, baselines and spike history play no part, nor does the head's number.
  ///
  /// Nil where a changed tensor can't be read.
  package func coreDigest(head: Int) -> String? {
    var parts = [originDigest]
    for parameter in architecture.parameters {
      let isAdapter = parameter.part == .adapter
      guard isAdapter ? parameter.head == head : !Self.isOfHeads(parameter.part) else { continue }
      let isChanged = changedNames.contains(parameter.name)
      guard isAdapter || isChanged else { continue }
      guard let tensor = try? source.tensor(parameter.name) else { return nil }
      let name = isAdapter ? Self.withoutHead(parameter.name) : parameter.name
      parts.append("\(name) \(tensor.shape) \(tensor.values.withUnsafeBytes { Digest.of(Data($0)) })")
    }
    return Digest.of(parts.joined(separator: "\n"))
  }

  private static func isOfHeads(_ part: Part) -> Bool {
    switch part {
    case .readout, .baseline, .history: true
    default: false
    }
  }

  /// `log_scale` of `adapters.2.log_scale`.
  private static func withoutHead(_ name: String) -> String {
    name.split(separator: ".").drop { $0 == "adapters" || $0 == "adapter" || Int($0) != nil }.joined(separator: ".")
  }
}
