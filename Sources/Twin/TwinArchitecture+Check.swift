import Base
import Formats
import Layers

extension TwinArchitecture {
  /// Checks the options of a model's configuration by building its layers, for one head with one cell; no tensor is needed.
  ///
  /// Options that training alone reads, such as `regularization`, are not looked at.
  ///
  /// - Throws: `unsupported` naming the option by its path, with the option that was probably meant.
  package static func check(configuration: ConfigNode) throws {
    let layers = try TwinLayers(configuration, source: Blueprint(cellCounts: [1]), purpose: .shapes, heads: [])
    _ = try layers.head(0)
  }
  /// Refuses windows in which a layer has nothing to work on, or of which the lag mask leaves no frame.
  ///
  /// - Parameters:
  ///   - window: `[channel, time, height, width]`.
  ///   - place: whose windows these are, for the message.
  /// - Throws: `mismatch` naming the layer, or the mask.
  package func check(window: [Int], of place: String) throws {
    let frames = window.count > 1 ? window[1] : 0
    guard lagMask < frames else {
      throw Failure(
        .mismatch, "frontend.params.lag_mask: \(lagMask) leaves none of the window's \(frames) frames of \(place)")
    }
    do {
      _ = try tree(input: window)
    } catch let failure as Failure where failure.kind == .mismatch {
      let sizes = window.map(String.init).joined(separator: "x")
      throw Failure(.mismatch, "with windows of \(place), \(sizes): \(failure.message)", hint: failure.hint)
    }
  }

  /// The same for a configuration, by the number of frames alone: windows of any usual size will do.
  ///
  /// - Throws: as `check(window:of:)`; as building the layers.
  package static func check(configuration: ConfigNode, frames: Int, of place: String) throws {
    let twin = try TwinArchitecture(configuration: configuration, source: Blueprint(cellCounts: [1]))
    var first: Failure?
    for side in usualSides(configuration) {
      do {
        return try twin.check(window: [twin.inputChannels, frames, side, side], of: place)
      } catch let failure as Failure where failure.kind == .mismatch {
        first = first ?? failure
      }
    }
    if let first { throw first }
  }

  /// Sides of windows, in pixels, that a twin of this configuration is likely to take; the likeliest first.
  package static func usualSides(_ configuration: ConfigNode) -> [Int] {
    let grid = configuration.at("adapter.params.grid_size")?.intValue
    return [grid, 51, 25, 101].compactMap(\.self).filter { (2...4096).contains($0) }
  }
}
