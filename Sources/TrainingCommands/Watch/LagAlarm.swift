import Base
import Formats
import Metrics
import Runs
import Twin

/// Whether the kernels of a checkpoint's frontend have moved to lag 0: the twin then follows the frame that is on now, which no
/// cell can.
package enum LagAlarm {
  package static let kinds: Set<RunAlarm.Kind> = [.lagZero]
  /// Share of the squared weight at lag 0, mean over kernels, from which it is an alarm.
  private static let most = 0.5

  /// Empty for a checkpoint that is not a twin's, or has no filter over time.
  package static func alarms(_ run: String, _ path: String) -> [RunAlarm] {
    guard let shares = try? shares(path), !shares.isEmpty else { return [] }
    let mean = shares.reduce(0, +) / Double(shares.count)
    guard mean > most else { return [] }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return [
      RunAlarm(
        run, .lagZero, place: "frontend",
        "\(NumberText.percent(mean)) of the kernels' squared weight is at lag 0 in \(file), mean over \(shares.count) kernels"
      )
    ]
  }

  private static func shares(_ path: String) throws -> [Double] {
    let checkpoint = try Checkpoint(path: path)
    guard let configuration = try checkpoint.storedConfiguration() else { return [] }
    let architecture = try TwinArchitecture(configuration: configuration, source: checkpoint, heads: [])
    guard let head = architecture.heads.first(where: { architecture.buildFailure(head: $0.index) == nil }) else {
      return []
    }
    let network = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [head.index])
    return try network.frontendKernels(from: checkpoint).filter { $0.lags.count > 1 }.compactMap { kernel in
      TimeProfile(lags: kernel.lags, rateHz: nil, rows: kernel.weights.count) { Double(kernel.weights[$0][$1]) }
        .weightAtLag0
    }
  }
}
