import Base
import Formats
import Recordings
import TestSupport

/// A stimulus of the simulated recordings under the YAMLs of all sessions.
func fixtureStimulus(_ session: String, _ name: String, shared: Bool = false) throws -> Stimulus {
  let folder = shared ? Fixtures.shared("twin") : Fixtures.path("twin")
  let data = try DictDataset(path: "\(folder)/\(session)/\(name).dset")
  let configuration = try RecordingConfiguration(
    parent: YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
    session: YAMLDocument.read(path: Fixtures.path("twin/sessions/\(session).yaml")), sessionName: session)
  return try Stimulus(name: name, source: data, metadata: data.metadata, configuration: configuration)
}

/// The evaluation that VisionCore made of it.
func expectedEvaluation(_ session: String, _ name: String, shared: Bool = false) throws -> NpzArchive {
  try NpzArchive(path: "\(shared ? Fixtures.shared("twin") : Fixtures.path("twin"))/\(session)/expected_\(name).npz")
}

/// The largest difference of two arrays, as a share of the largest entry of `expected` where that is above 1: sums in
/// float32 lose digits with the size of what is summed. NaN equals NaN; arrays of different shapes differ infinitely.
func difference(_ values: Tensor, _ expected: Tensor) -> Float {
  guard values.shape == expected.shape else { return .infinity }
  var largest: Float = 0
  var peak: Float = 1
  for (x, y) in zip(values.values, expected.values) where !(x.isNaN && y.isNaN) {
    guard !x.isNaN, !y.isNaN else { return .infinity }
    largest = max(largest, (x - y).magnitude)
    peak = max(peak, y.magnitude)
  }
  return largest / peak
}

extension MemorySource {
  /// Every array of `archive`.
  convenience init(copying archive: NpzArchive, changes: [String: Array] = [:]) throws {
    var arrays: [String: Array] = [:]
    for name in archive.arrayNames {
      guard let info = archive.info(name) else { continue }
      arrays[name] = Array(shape: info.shape, scalar: info.scalar, values: try archive.doubles(name))
    }
    self.init(arrays.merging(changes) { _, new in new })
  }
}
