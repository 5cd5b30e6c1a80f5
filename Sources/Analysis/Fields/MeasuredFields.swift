import Base
import Metrics

/// Receptive fields of a twin and of the recorded cells, on the same frames.
package struct MeasuredFields: Sendable {
  package var cids: [CellID]
  package var scale: FieldScale
  package var frameCount: Int
  /// Speed in deg/s from which on frames were left out (also where it is not known), and how many; nil where no limit was
  /// given.
  package var eyeSpeed: (limit: Double, leftOut: Int)?
  /// The averages from which latency and place are read: of the frames as they are, or of whitened ones.
  package var sums: FieldSums
  /// The averages of the frames as they are, beside whitened ones; nil where they were not asked for.
  package var plain: FieldSums?
  package var whitener: SpatialWhitener?
  /// What fields of noise reach on the same stimulus; none before all frames were added.
  package var noise = NoiseFloor.unknown

  package var lagCount: Int { sums.lagCount }

  /// For a note.
  package var eyeSpeedNote: String? {
    eyeSpeed.map { limit, leftOut in
      "eye slower than \(NumberText.of(limit)) deg/s (\(leftOut) frame\(leftOut == 1 ? "" : "s") left out)"
    }
  }
}

/// What pixels and lags of a receptive field stand for on the screen and in time.
package struct FieldScale: Sendable, Equatable {
  /// Of the stimulus, in pixels.
  package var height: Int
  package var width: Int
  package var rateHz: Double

  package init(height: Int, width: Int, rateHz: Double) {
    self.height = height
    self.width = width
    self.rateHz = rateHz
  }

  /// A field's latency.
  package func peakLagMilliseconds(_ numbers: FieldNumbers) -> Double { numbers.peakLag / rateHz * 1000 }

  /// A field's centre from the middle of the stimulus, in pixels, y down.
  package func center(_ numbers: FieldNumbers) -> (y: Double, x: Double) {
    (numbers.region.centerY - Double(height - 1) / 2, numbers.region.centerX - Double(width - 1) / 2)
  }
}
