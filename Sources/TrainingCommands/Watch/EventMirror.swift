import RunLogs
import Runs

/// Writes what runs log and what recipes give into event files for TensorBoard, a folder a run.
struct EventMirror {
  let folder: String
  private var writers: [String: EventFileWriter] = [:]
  /// Points of each metric that are written.
  private var written: [String: [String: Int]] = [:]

  init(folder: String) { self.folder = folder }

  private mutating func writer(_ run: String) throws -> EventFileWriter {
    if let writer = writers[run] { return writer }
    let writer = try EventFileWriter(folder: folder + "/" + run.replacing("/", with: "-"))
    writers[run] = writer
    return writer
  }

  /// Writes the points that are new since the last call.
  ///
  /// - Throws: `system` where the disk refuses.
  mutating func add(_ curves: [MetricCurve], of run: String) throws {
    // A log that was replaced goes into a file of its own; TensorBoard lets the later file win.
    if curves.contains(where: { $0.values.count < written[run]?[$0.name] ?? 0 }) {
      writers[run] = nil
      written[run] = nil
    }
    let writer = try writer(run)
    for curve in curves {
      for place in curve.values.indices.dropFirst(written[run]?[curve.name] ?? 0) {
        try writer.add(scalars: [(tag: curve.name, value: curve.values[place])], step: curve.steps[place])
      }
      written[run, default: [:]][curve.name] = curve.values.count
    }
  }

  /// Writes what a new checkpoint holds.
  ///
  /// - Throws: `system` where the disk refuses.
  mutating func add(checkpoint path: String, of run: String, step: Int) throws {
    try CheckpointMirror.write(path, to: writer(run), step: step)
  }

  mutating func add(_ turn: RecipeResults.Turn, of run: String) throws {
    let writer = try writer(run)
    for row in turn.rows {
      try writer.add(scalars: [(tag: "\(turn.recipe)/\(row.metric)", value: row.value ?? .nan)], step: turn.step)
    }
  }
}
