import Base
import Formats
import RunLogs

/// Whether the clamps of a model's `regularization:` acted: no value of what they limit lies beyond the limit.
struct ClampCheck {
  let run: RunSummary
  /// The run's newest checkpoint that can be read.
  let path: String?

  /// A value is beyond a limit by more than what float32 rounds.
  private static let tolerance = 1e-5
  private static let mostValues = 1 << 22

  /// - Throws: `interrupted`; what is wrong with the checkpoint.
  func faults() throws -> [RunFault] {
    guard let path else { return [] }
    let checkpoint = try Checkpoint(path: path)
    return try ClampTerm.all(of: checkpoint).compactMap { try fault($0, checkpoint, path.lastComponent) }
  }

  private func fault(_ term: ClampTerm, _ checkpoint: Checkpoint, _ file: String) throws -> RunFault? {
    let limits = term.widest
    var (count, beyond) = (0, 0)
    var farthest: (distance: Double, value: Double, name: String) = (0, 0, "")
    for name in checkpoint.arrayNames where term.applies(to: name) {
      guard let info = checkpoint.info(name), info.count <= Self.mostValues else { continue }
      for value in try checkpoint.stored(name).doubles() {
        count += 1
        let distance = max(limits.lower - value, value - limits.upper)
        guard distance > Self.tolerance * max(1, abs(term.weight)) else { continue }
        beyond += 1
        if distance > farthest.distance { farthest = (distance, value, name) }
      }
    }
    guard beyond > 0 else { return nil }
    let limit =
      limits.upper == .infinity
      ? "at least \(NumberText.exact(limits.lower))"
      : "between \(NumberText.exact(limits.lower)) and \(NumberText.exact(limits.upper))"
    return RunFault(
      run.run, .clampsIdle, isError: true,
      "\(term.name) keeps \(term.patterns.joined(separator: ", ")) \(limit), and \(beyond) of \(count) values in \(file) lie beyond it, up to \(NumberText.significant(farthest.value, digits: 3)) in \(farthest.name)",
      remedy: "VisionCore's frozen-core script makes no proximal steps: compare the run with such runs")
  }
}
