import Base
import Foundation
import Metrics
import TestSupport
import Testing

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

  let data: Data
  /// By program, then by name: one number a cell.
  private let tools: [String: [String: [Double]]]

  /// What `tool` gives as `name`.
  func numbers(_ tool: String, _ name: String) throws -> [Double] { try #require(tools[tool]?[name]) }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    data = try container.decode(Data.self, forKey: Key("data"))
    var tools: [String: [String: [Double]]] = [:]
    for key in container.allKeys where key.stringValue != "data" {
      // A tool's numbers for all cells together are left out.
      let numbers = try container.decode([String: OneOrMany].self, forKey: key)
      tools[key.stringValue] = numbers.compactMapValues(\.many)
    }
    self.tools = tools
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct OneOrMany: Decodable {
    let many: [Double]?
    init(from decoder: any Decoder) throws {
      many = try? decoder.singleValueContainer().decode([Double].self)
    }
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

  /// All trials of all cells as predictions.
  ///
  /// - Parameter isValid: which bins count, by trial, place and cell.
  func predictions(where isValid: (Int, Int, Int) -> Bool = { _, _, _ in true }) -> Predictions {
    let (trials, places, cells) = (data.counts.count, data.rates.count, data.rates[0].count)
    let shape = [trials * places, cells]
    var mask: [Float] = []
    for trial in 0..<trials {
      for place in 0..<places { for cell in 0..<cells { mask.append(isValid(trial, place, cell) ? 1 : 0) } }
    }
    return Predictions(
      cids: Array(0..<cells), frames: Array(0..<shape[0]), trials: (0..<shape[0]).map { $0 / places },
      trialBins: (0..<shape[0]).map { $0 % places },
      rates: Tensor(shape: shape, values: data.counts.flatMap { _ in data.rates.flatMap(\.self) }),
      counts: Tensor(shape: shape, values: data.counts.flatMap { $0.flatMap(\.self) }),
      mask: Tensor(shape: shape, values: mask), rateHz: 120)
  }
}
