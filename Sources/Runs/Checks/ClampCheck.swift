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
    let terms = checkpoint.configuration?["regularization"]?.listValue ?? []
    return try terms.compactMap { try fault($0, checkpoint, path.lastComponent) }
  }

  private func fault(_ term: ConfigNode, _ checkpoint: Checkpoint, _ file: String) throws -> RunFault? {
    guard let type = term["type"]?.stringValue, let weight = term["lambda"]?.doubleValue, weight.isFinite else {
      return nil
    }
    // While a schedule decays its limit is the looser one.
    let start = (term["schedule"] ?? term["scheduler"])?["start_lambda"]?.doubleValue ?? weight
    let limits: (lower: Double, upper: Double)
    switch type {
    case "proximal_clamp": limits = (-max(weight, start), max(weight, start))
    case "proximal_clamp_positive": limits = (0, max(weight, start))
    case "proximal_clamp_min": limits = (min(weight, start), .infinity)
    default: return nil
    }
    let patterns = (term["apply_to"]?.listValue ?? []).compactMap(\.stringValue)
    var (count, beyond) = (0, 0)
    var farthest: (distance: Double, value: Double, name: String) = (0, 0, "")
    for name in checkpoint.arrayNames where patterns.contains(where: { Self.matches($0, name) }) {
      guard let info = checkpoint.info(name), info.count <= Self.mostValues else { continue }
      for value in try checkpoint.stored(name).doubles() {
        count += 1
        let distance = max(limits.lower - value, value - limits.upper)
        guard distance > Self.tolerance * max(1, abs(weight)) else { continue }
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
      "\(term["name"]?.stringValue ?? type) keeps \(patterns.joined(separator: ", ")) \(limit), and \(beyond) of \(count) values in \(file) lie beyond it, up to \(NumberText.significant(farthest.value, digits: 3)) in \(farthest.name)",
      remedy: "VisionCore's frozen-core script makes no proximal steps: compare the run with such runs")
  }

  /// All pieces of the pattern between `/` are in the name.
  private static func matches(_ pattern: String, _ name: String) -> Bool {
    pattern.split(separator: "/").allSatisfy { ByteSearch.isFound(String($0), in: name) }
  }
}
