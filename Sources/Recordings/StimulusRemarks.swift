import Base
import Formats

/// What is odd about a stimulus that can be read.
extension Stimulus {
  /// Largest relative difference of two rates that are taken as the same: a monitor's true and nominal rate.
  package static let rateTolerance = 5e-3

  /// Frames that are read to judge the scale of the stimulus.
  private static let sampledFrames = 8

  /// Says where the frames are already scaled to 0..1 and the transforms would scale them again; nil where all is well.
  /// Reads a few frames, of floating-point stimuli only.
  ///
  /// - Throws: what reading throws.
  package func scaleRemark() throws -> String? {
    guard source.info("stim")?.scalar.isFloatingPoint == true, frameCount > 0,
      let first = configuration.transforms.first(where: { $0.source == "stim" })?.steps.first,
      first.name == PixelNorm.name
    else { return nil }
    var largest: Float = 0
    let step = max(1, frameCount / Self.sampledFrames)
    for frame in stride(from: 0, to: frameCount, by: step) {
      for value in try source.tensor("stim", rows: frame..<frame + 1).values where value.isFinite {
        largest = max(largest, abs(value))
      }
    }
    guard largest > 0, largest <= 1.001 else { return nil }
    return
      "the stimulus `\(name)` is already scaled (values up to \(largest)), and `pixelnorm` expects grey levels from 0 to 255: the twin would see almost no contrast; take `pixelnorm` out of the YAML's transforms, or save grey levels"
  }
}
