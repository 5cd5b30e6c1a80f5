import Base
import Formats
import Foundation
import TestSupport
import Testing
import Twin

/// One folder of reference numbers: a checkpoint, its session list, inputs and expected stages and outputs.
struct ZooCase: Sendable, CustomTestStringConvertible {
  var folder: String

  init(_ name: String) { folder = Fixtures.path("zoo/\(name)") }
  init(folder: String) { self.folder = folder }

  var testDescription: String { (folder as NSString).lastPathComponent }

  /// Every case that has expected numbers.
  static let withNumbers: [ZooCase] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("zoo"))) ?? []
    return names.sorted().map { ZooCase($0) }.filter { FileManager.default.fileExists(atPath: $0.folder + "/io.npz") }
  }()

  func checkpoint() throws -> Checkpoint { try Checkpoint(path: folder + "/model.ckpt") }

  func heads() throws -> [HeadConfiguration] {
    try (YAMLDocument.read(path: folder + "/datasets.yaml").listValue ?? []).map {
      HeadConfiguration(
        session: $0["session"]?.stringValue, cids: $0["cids"]?.intList, adapter: $0["adapter"], readout: $0["readout"])
    }
  }

  func architecture() throws -> TwinArchitecture {
    let checkpoint = try checkpoint()
    return try TwinArchitecture(configuration: configuration(), source: checkpoint, heads: heads())
  }

  func configuration() throws -> ConfigNode { try checkpoint().configuration ?? .null }

  func network() throws -> TwinNetwork { try TwinNetwork(architecture: architecture(), source: checkpoint()) }

  func numbers() throws -> NpzArchive { try NpzArchive(path: folder + "/io.npz") }

  func input(head: Int) throws -> TwinInput {
    let numbers = try numbers()
    func tensor(_ name: String) throws -> Tensor? { numbers.info(name) == nil ? nil : try numbers.tensor(name) }
    return TwinInput(
      stimulus: try tensor("stim"), behavior: try tensor("behavior"), history: try tensor("history_\(head)"))
  }
}

extension Tensor {
  /// Largest difference from `expected` in units of 1e-5 + 1e-4 |expected|: summation order differs from the
  /// reference's. At most 1 is agreement.
  func distance(from expected: Tensor) -> Double {
    guard shape == expected.shape else { return .infinity }
    var worst = 0.0
    for (a, b) in zip(values, expected.values) {
      let distance = Double(abs(a - b)) / (1e-5 + 1e-4 * Double(abs(b)))
      worst = distance.isNaN ? .infinity : max(worst, distance)
    }
    return worst
  }
}

/// A configuration with one value replaced, added or (nil) removed.
extension ConfigNode {
  func setting(_ path: String, to value: ConfigNode?) -> ConfigNode {
    var pieces = path.split(separator: ".").map(String.init)
    return setting(&pieces, value)
  }

  private func setting(_ path: inout [String], _ value: ConfigNode?) -> ConfigNode {
    guard !path.isEmpty else { return value ?? .null }
    let key = path.removeFirst()
    if case .list(var items) = self, let index = Int(key), items.indices.contains(index) {
      items[index] = items[index].setting(&path, value)
      return .list(items)
    }
    var entries = mapValue ?? []
    let index = entries.firstIndex { $0.key == key }
    if path.isEmpty, value == nil {
      if let index { entries.remove(at: index) }
    } else if let index {
      entries[index].value = entries[index].value.setting(&path, value)
    } else {
      entries.append(Entry(key, ConfigNode.null.setting(&path, value)))
    }
    return .map(entries)
  }
}
