import Base
import Formats
import RunLogs
import Twin

/// What a checkpoint gives to an event file: a histogram of each tensor, and a picture of the frontend's kernels.
package enum CheckpointMirror {
  /// Larger tensors are not read: a watch has little memory.
  private static let mostValues = 1 << 22
  private static let cellPixels = 10
  private static let mostRows = 256

  /// Writes what the file holds; nothing for one that can't be read, of which an alarm tells.
  ///
  /// - Throws: `system` where the disk refuses.
  package static func write(_ path: String, to file: EventFileWriter, step: Int) throws {
    guard let checkpoint = try? Checkpoint(path: path) else { return }
    for name in checkpoint.arrayNames.sorted() {
      guard let info = checkpoint.info(name), info.count <= mostValues,
        let values = try? checkpoint.stored(name).doubles(),
        let histogram = EventFileWriter.Histogram(values.map(Float.init))
      else { continue }
      let short = name.hasPrefix("model.") ? String(name.dropFirst(6)) : name
      try file.add(histogram: histogram, tag: "weights/" + short, step: step)
    }
    if let image = (try? kernels(checkpoint)).flatMap({ picture($0) }) {
      try file.add(image: image, tag: "kernels/frontend", step: step)
    }
  }

  /// The effective kernels of the frontend, `[row][lag]`, the newest lag first; a row for each pixel of each kernel.
  private static func kernels(_ checkpoint: Checkpoint) throws -> [[Float]] {
    guard let configuration = try checkpoint.storedConfiguration() else { return [] }
    let architecture = try TwinArchitecture(configuration: configuration, source: checkpoint, heads: [])
    guard let head = architecture.heads.first(where: { architecture.buildFailure(head: $0.index) == nil }) else {
      return []
    }
    let network = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [head.index])
    return try network.frontendKernels(from: checkpoint).filter { $0.lags.count > 1 }.flatMap { kernel in
      let order = kernel.lags.indices.sorted { kernel.lags[$0] < kernel.lags[$1] }
      return kernel.weights.map { row in order.map { row.indices.contains($0) ? row[$0] : 0 } }
    }
  }

  /// Blue below 0, white at 0, red above; the largest weight of each row has the full colour.
  ///
  /// - Returns: nil without rows, and where a weight is not finite.
  static func picture(_ rows: [[Float]]) -> PNGImage? {
    let rows = Array(rows.prefix(mostRows))
    guard let width = rows.map(\.count).max(), rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    return PNGImage(
      rows.flatMap { row in
        let largest = max(row.map(abs).max() ?? 0, .leastNormalMagnitude)
        let line = (0..<width).flatMap { lag -> [(red: UInt8, green: UInt8, blue: UInt8)] in
          let share = lag < row.count ? row[lag] / largest : 0
          let faded = UInt8((255 * (1 - abs(share))).rounded())
          let colour: (red: UInt8, green: UInt8, blue: UInt8) =
            share < 0 ? (red: faded, green: faded, blue: 255) : (red: 255, green: faded, blue: faded)
          return Array(repeating: colour, count: cellPixels)
        }
        return Array(repeating: line, count: cellPixels)
      })
  }
}
