import Base
import Kernels

/// Maximum or mean over windows that divide each axis into a given number of parts.
///
/// Part i of n covers floor(i size / n) ..< ceil((i + 1) size / n).
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, parts of time, of height, of width]`
/// - Source: torch.nn.AdaptiveAvgPool3d, AdaptiveMaxPool3d; SEMANTICS 10 (`kernel_size` is the output size)
struct AdaptivePool: NamedLayer, SampleLayer {
  static let typeNames = ["adaptiveavg", "adaptivemax"]

  let name: String
  let detail: String
  let outputChannels: Int
  private let parts: [Int]
  private let isMaximum: Bool

  init(_ site: inout Site) throws {
    guard !site.context.isFlat else { throw site.flatFailure() }
    name = site.weights.prefix
    outputChannels = site.inputChannels
    parts = try site.options.required("kernel_size", try site.options.triple("kernel_size", minimum: 1))
    isMaximum = site.type == "adaptivemax"
    site.options.ignore("stride", "padding")
    try site.options.finish()
    detail = "\(isMaximum ? "max" : "avg") pool to \(parts.map(String.init).joined(separator: "x"))"
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checked(
      FeatureShape(channels: input.channels, time: parts[0], height: parts[1], width: parts[2]), for: input)
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    let windows = zip([shape.time, shape.height, shape.width], parts).map { size, count in
      (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
    }
    var out: [Float] = []
    out.reserveCapacity(parts[0] * shape.channels * parts[1] * parts[2])
    for times in windows[0] {
      for channel in 0..<shape.channels {
        for rows in windows[1] {
          for columns in windows[2] {
            var sum = 0.0
            var largest = -Float.infinity
            for time in times {
              let start = input.plane(time: time, channel: channel).lowerBound
              for row in rows {
                for column in columns {
                  let value = input.values[start + row * shape.width + column]
                  sum += Double(value)
                  largest = value > largest || value.isNaN ? value : largest
                }
              }
            }
            out.append(isMaximum ? largest : Float(sum / Double(times.count * rows.count * columns.count)))
          }
        }
      }
    }
    return Features(FeatureShape(channels: shape.channels, time: parts[0], height: parts[1], width: parts[2]), out)
  }
}
