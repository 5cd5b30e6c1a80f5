import Base
import Formats
import RunLogs

/// What a checkpoint's weights show that its owner should know at once: numbers that are not finite, channels that are dead,
/// readouts whose widths stand at a limit.
package enum WeightAlarms {
  /// A channel is dead when its weights are this small beside the layer's median channel.
  private static let deadRatio = 1e-4
  /// Share of widths at the clamp.
  private static let narrowShare = 0.1
  /// Lists of numbers and sparse tensors can't be read in pieces: larger ones are not looked at.
  private static let mostConverted = 1 << 20

  /// - Throws: what is wrong with the file.
  package static func alarms(_ run: String, _ path: String) throws -> [RunAlarm] {
    let checkpoint = try Checkpoint(path: path)
    let file = path.lastComponent
    var found: [RunAlarm] = []
    let names = Set(checkpoint.arrayNames)
    let converted = Set(checkpoint.convertedNames)
    let clamps = ClampTerm.all(of: checkpoint)
    for name in names.sorted() {
      guard let info = checkpoint.info(name), info.count <= mostConverted || !converted.contains(name) else { continue }
      // Weight norm reads original0 and original1, and leaves what was there before.
      if name.hasSuffix(".original"), names.contains(name + "0") { continue }
      let isCore = ["frontend.", "convnet."].contains { name.hasPrefix($0) || name.hasPrefix("model." + $0) }
      let channels = isCore && info.shape.count >= 3 && info.shape[0] > 2 ? info.shape[0] : 0
      let isWidth = ByteSearch.isFound("readouts.", in: name) && name.hasSuffix(".std")
      let limits = isWidth ? widthLimits(clamps.filter { $0.applies(to: name) }, checkpoint.epoch) : []
      guard info.scalar.isFloatingPoint || channels > 0 || isWidth else { continue }
      let counts = try WeightCounts(checkpoint.stored(name), channels: channels, limits: limits)
      if counts.notFinite > 0 {
        found.append(
          RunAlarm(
            run, .weights, place: name,
            "\(counts.notFinite) of \(info.count) values of \(name) in \(file) are not finite"))
      }
      let dead = deadChannels(counts.norms)
      if dead > 0 {
        found.append(
          RunAlarm(
            run, .deadChannels, place: name,
            "\(dead) of \(channels) channels of \(name) have weights of 0 or nearly so in \(file)"))
      }
      // The limit at which most widths stand.
      if let most = zip(limits, counts.atLimit).max(by: { $0.1 < $1.1 }),
        Double(most.1) > narrowShare * Double(info.count)
      {
        found.append(
          RunAlarm(
            run, .narrow, place: name,
            "\(most.1) of \(info.count) widths of \(name) are at the clamp of \(NumberText.exact(most.0)) in \(file)"
          ))
      }
    }
    return found
  }

  /// Limits of widths: VisionCore's smallest, and those of the model's own clamps in the checkpoint's epoch.
  private static func widthLimits(_ clamps: [ClampTerm], _ epoch: Int?) -> [Double] {
    let own = clamps.map { $0.limits(in: epoch) }.flatMap { [$0.lower, $0.upper] }
    return [WeightCounts.leastWidth] + own.filter { $0.isFinite && $0 > WeightCounts.leastWidth }
  }

  private static func deadChannels(_ norms: [Double]) -> Int {
    guard !norms.isEmpty else { return 0 }
    let median = norms.sorted()[norms.count / 2]
    guard median.isFinite, median > 0 else { return 0 }
    return norms.count { $0 < deadRatio * median }
  }
}
