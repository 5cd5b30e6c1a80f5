import Base
import Formats
import Foundation
import TestSupport
import Testing

/// The first frames of the fixtures' gaborium with counts or masks changed, opened as `changed`; it has no gaze.
struct ChangedRecording {
  static let frames = 720
  static let cells = 16
  var counts: Tensor
  var mask: Tensor
  var hasTrials = true
  /// Without a mask, the YAML's filters are left out too.
  var hasMask = true
  private let data: DictDataset

  init() throws {
    data = try DictDataset(path: Fixtures.path("twin/Sim_2025-01-17/gaborium.dset"))
    counts = try data.tensor("robs", rows: 0..<Self.frames)
    // One column of the file stands for all cells.
    let shared = try data.tensor("dfs", rows: 0..<Self.frames)
    mask = Tensor(
      shape: [Self.frames, Self.cells],
      values: shared.values.flatMap { [Float](repeating: $0, count: Self.cells / shared.shape[1]) })
  }

  /// Trial of each frame.
  func trials() throws -> [Int] { Array(try data.integers("trial_inds").prefix(Self.frames)) }

  mutating func silence(cell: Int) { fill(&counts, cell) }
  mutating func cover(cell: Int) { fill(&mask, cell) }

  private func fill(_ tensor: inout Tensor, _ cell: Int) {
    for frame in 0..<Self.frames { tensor.values[frame * Self.cells + cell] = 0 }
  }

  /// Without trials the YAML's filter, which asks for them, is left out: the file's own mask stays.
  func open(in shell: Shell) throws {
    let folder = shell.folder + "/Sim_2025-01-17"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let rows = 0..<Self.frames
    var covariates: [DatasetWriter.Covariate] = [
      .init(
        "stim", shape: [Self.frames, 25, 25],
        uint8: Data(try data.tensor("stim", rows: rows).values.map { UInt8($0) })),
      .init("robs", shape: counts.shape, float: counts.values),
      .init("dpi_valid", shape: [Self.frames], float: try data.tensor("dpi_valid", rows: rows).values),
    ]
    if hasMask { covariates.append(.init("dfs", shape: mask.shape, float: mask.values)) }
    if hasTrials {
      covariates.append(
        .init(
          "trial_inds", shape: [Self.frames],
          int64: try data.integers("trial_inds").prefix(Self.frames).map { Int64($0) }))
    }
    try DatasetWriter(session: "Sim_2025-01-17", rateHz: 120, covariates: covariates).write(
      to: folder + "/gaborium.dset")
    let yaml = try String(contentsOfFile: Fixtures.path("twin/multi_sim_120_all.yaml"), encoding: .utf8)
      .replacingOccurrences(of: "./sessions", with: Fixtures.path("twin/sessions"))
    let filters = try #require(yaml.range(of: "datafilters:")?.lowerBound)
    let rest = try #require(yaml.range(of: "train_val_split")?.lowerBound)
    let file = shell.folder + "/changed.yaml"
    try (hasTrials && hasMask ? yaml : String(yaml[..<filters] + yaml[rest...])).write(
      toFile: file, atomically: true, encoding: .utf8)
    try shell.run("open \(folder) as changed --config \(file)")
  }
}
