import Base
import Formats

/// What is odd about a stimulus that can be read.
extension Stimulus {
  /// Largest relative difference of two rates that are taken as the same: a monitor's true and nominal rate.
  package static let rateTolerance = 5e-3

  /// Frames that are read to judge the scale of the stimulus.
  private static let sampledFrames = 8

  /// Says where the frames are no grey levels from 0 to 255 and the transforms take them for such; nil where all is well. Reads
  /// a few frames.
  ///
  /// - Throws: what reading throws.
  package func scaleRemark() throws -> String? {
    guard source.info("stim") != nil, frameCount > 0,
      let first = configuration.transforms.first(where: { $0.source == "stim" })?.steps.first,
      first.name == PixelNorm.name
    else { return nil }
    var (smallest, largest): (Float, Float) = (0, 0)
    let step = max(1, frameCount / Self.sampledFrames)
    for frame in stride(from: 0, to: frameCount, by: step) {
      for value in try source.tensor("stim", rows: frame..<frame + 1).values where value.isFinite {
        smallest = min(smallest, value)
        largest = max(largest, value)
      }
    }
    let isSmall = max(largest, -smallest) <= 1.001
    guard largest > smallest, smallest < 0 || isSmall || largest > 255.5 else { return nil }
    let range = smallest < 0 ? "values from \(smallest) to \(largest)" : "values up to \(largest)"
    return
      "the stimulus `\(name)` is \(isSmall ? "already scaled" : "not in grey levels") (\(range)), and `pixelnorm` expects grey levels from 0 to 255: the twin would see \(isSmall ? "almost no contrast" : "another contrast"); \(Self.remedy(smallest, largest))"
  }

  /// How values of this range become what the twin was trained on: `pixelnorm` makes -0.5 to 0.5 of grey levels.
  private static func remedy(_ smallest: Float, _ largest: Float) -> String {
    if smallest < -0.1, largest > 0.1, max(largest, -smallest) <= 0.55 {
      return "`pixelnorm` has been applied to it: take that out of the YAML's transforms, or save grey levels"
    }
    if smallest >= 0, largest <= 1.001 { return "multiply it by 255 and save it" }
    return "save it as grey levels from 0 to 255"
  }
}
