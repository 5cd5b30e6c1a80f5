import Base
import Formats
import RunLogs

/// What a checkpoint's weights show that its owner should know at once: numbers that are not finite, channels that are dead,
/// readouts whose widths stand at a limit.
package enum WeightAlarms {
  /// A channel is dead when its weights are this small beside the layer's median channel.
  private static let deadRatio = 1e-4
  /// VisionCore keeps its readouts at least this wide: SEMANTICS 9.
  private static let leastWidth = 1e-3
  /// Share of widths at the clamp.
  private static let narrowShare = 0.1
  /// Values this near to a limit, beside the limit or 1, are at it: float32 rounds them.
  private static let tolerance = 1e-5
  /// Larger tensors are not looked at: a watch has little memory.
  private static let mostValues = 1 << 22

  /// - Throws: what is wrong with the file.
  package static func alarms(_ run: String, _ path: String) throws -> [RunAlarm] {
    let checkpoint = try Checkpoint(path: path)
    let file = path.lastComponent
    var found: [RunAlarm] = []
    let names = Set(checkpoint.arrayNames)
    let clamps = ClampTerm.all(of: checkpoint)
    for name in names.sorted() {
      guard let info = checkpoint.info(name), info.count <= mostValues else { continue }
      // Weight norm reads original0 and original1, and leaves what was there before.
      if name.hasSuffix(".original"), names.contains(name + "0") { continue }
      let odd = info.scalar.isFloatingPoint ? try checkpoint.stored(name).doubles().count { !$0.isFinite } : 0
      if odd > 0 {
        found.append(
          RunAlarm(run, .weights, place: name, "\(odd) of \(info.count) values of \(name) in \(file) are not finite"))
      }
      let isCore = ["frontend.", "convnet."].contains { name.hasPrefix($0) || name.hasPrefix("model." + $0) }
      if isCore, info.shape.count >= 3, info.shape[0] > 2 {
        let dead = deadChannels(try checkpoint.stored(name).doubles(), channels: info.shape[0])
        if dead > 0 {
          found.append(
            RunAlarm(
              run, .deadChannels, place: name,
              "\(dead) of \(info.shape[0]) channels of \(name) have weights of 0 or nearly so in \(file)"))
        }
      }
      if ByteSearch.isFound("readouts.", in: name), name.hasSuffix(".std") {
        let widths = try checkpoint.stored(name).doubles()
        let limits = clamps.filter { $0.applies(to: name) }.map { $0.limits(in: checkpoint.epoch) }
        if let clamp = fullest(of: limits, widths) {
          found.append(
            RunAlarm(
              run, .narrow, place: name,
              "\(clamp.count) of \(widths.count) widths of \(name) are at the clamp of \(NumberText.exact(clamp.limit)) in \(file)"
            ))
        }
      }
    }
    return found
  }

  /// The limit at which most widths stand: VisionCore's least width, or one of the model's own clamps; nil where few do.
  private static func fullest(of limits: [ClampTerm.Limits], _ widths: [Double]) -> (limit: Double, count: Int)? {
    let own = limits.flatMap { [$0.lower, $0.upper] }.filter { $0.isFinite && $0 > leastWidth }
    let counts =
      [(limit: leastWidth, count: widths.count { $0 <= leastWidth * (1 + tolerance) })]
      + own.map { limit in
        (limit: limit, count: widths.count { abs($0 - limit) <= tolerance * max(1, limit) })
      }
    let most = counts.max { $0.count < $1.count }
    return most.flatMap { Double($0.count) > narrowShare * Double(widths.count) ? $0 : nil }
  }

  private static func deadChannels(_ values: [Double], channels: Int) -> Int {
    let size = values.count / channels
    guard size > 0 else { return 0 }
    let norms = (0..<channels).map { channel in
      values[channel * size..<(channel + 1) * size].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let median = norms.sorted()[channels / 2]
    guard median.isFinite, median > 0 else { return 0 }
    return norms.count { $0 < deadRatio * median }
  }
}
