import Foundation
import Metrics
import TestSupport

/// Repeated responses and a prediction with the numbers that other programs give for them.
struct ReferenceTools: Decodable {
  struct Data: Decodable {
    /// `[trial][time][cell]`
    let counts: [[[Float]]]
    /// `[time][cell]`
    let rates: [[Float]]

    enum CodingKeys: String, CodingKey {
      case counts = "R"
      case rates = "yhat"
    }
  }

  struct VisionCore: Decodable {
    let bitsPerSpike: [Double]
    enum CodingKeys: String, CodingKey { case bitsPerSpike = "bits_per_spike" }
  }

  struct Neuralpredictors: Decodable {
    let singleTrialCorrelation: [Double]
    enum CodingKeys: String, CodingKey { case singleTrialCorrelation = "corr_single_trial" }
  }

  struct Nemos: Decodable {
    let bitsPerSpikeFromDeviance: [Double]
    enum CodingKeys: String, CodingKey { case bitsPerSpikeFromDeviance = "bits_per_spike_from_deviance" }
  }

  let data: Data
  let visionCore: VisionCore
  let neuralpredictors: Neuralpredictors
  let nemos: Nemos

  enum CodingKeys: String, CodingKey {
    case data
    case visionCore = "VisionCore"
    case neuralpredictors
    case nemos = "nemos_formula"
  }

  static func read() throws -> ReferenceTools {
    let data = try Foundation.Data(contentsOf: URL(filePath: Fixtures.path("metrics/reference.json")))
    return try JSONDecoder().decode(ReferenceTools.self, from: data)
  }

  /// All trials of one cell, one after the other.
  func series(cell: Int) -> MaskedSeries {
    let counts = data.counts.flatMap { trial in trial.map { $0[cell] } }
    let rates = data.counts.flatMap { _ in data.rates.map { $0[cell] } }
    return MaskedSeries(rates: rates, counts: counts)
  }
}
